/** `fanjoin failed`: prints the failed items, with their places and reasons. */
import { Command } from "commander";
import { withJson } from "../common-options.ts";
import type { JsonOption } from "../common-options.ts";
import { printFile, printLinesAsArray } from "../display/standard-output.ts";
import { say } from "../display/standard-error.ts";
import { batchesAt, withPlace } from "./place-option.ts";
import type { PlaceOptions } from "./place-option.ts";
import { notEnded } from "./result.ts";

export function failedCommand(): Command {
  const command = new Command("failed")
    .description("print the failed items of a batch, one JSON object per line")
    .argument("<batch>", "its id, or the beginning of it");
  return withJson(withPlace(command), "print one JSON array instead of lines").action(failed);
}

async function failed(prefix: string, options: PlaceOptions & JsonOption): Promise<void> {
  const batches = await batchesAt(options);
  const summary = await batches.find(prefix);
  const { batch, endedAt } = summary;
  if (endedAt === null) throw notEnded(summary, batches);
  const content = summary.failed && batches.read(batch, "failed.jsonl");
  if (options.json) await printLinesAsArray(content);
  else if (content) await printFile(content);
  else say(`no item of batch ${batch} failed`);
}
