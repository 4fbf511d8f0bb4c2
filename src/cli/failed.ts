/** `fanjoin failed`: the items that failed, with where they are and why. */
import { Command } from "commander";
import { withDirectory } from "./directory-option.ts";
import type { DirectoryOption } from "./directory-option.ts";
import { currentSummary } from "./follow.ts";
import { withJson } from "./options.ts";
import type { JsonOption } from "./options.ts";
import { notEnded } from "./result.ts";
import { printFile, printLinesAsArray } from "./standard-output.ts";

export function failedCommand(): Command {
  const command = new Command("failed")
    .description("print the failed items of a batch, one JSON object on a line")
    .argument("<batch>", "its id, or the beginning of it");
  return withJson(withDirectory(command), "one JSON array instead of lines").action(failed);
}

async function failed(given: string, options: DirectoryOption & JsonOption): Promise<void> {
  const { batch, state, endedAt, failed: file } = await currentSummary(given, options);
  if (endedAt === null) throw notEnded(batch, state);
  if (options.json) await printLinesAsArray(file?.path ?? null);
  else if (file) await printFile(file.path);
  else console.error(`no item of batch ${batch} failed`);
}
