/** `fanjoin failed`: the items that failed, with where they are and why. */
import { Command } from "commander";
import { withJson } from "../common-options.ts";
import type { JsonOption } from "../common-options.ts";
import { batchesAt, withPlace } from "./place-option.ts";
import type { PlaceOptions } from "./place-option.ts";
import { notEnded } from "./result.ts";
import { printFile, printLinesAsArray } from "../display/standard-output.ts";

export function failedCommand(): Command {
  const command = new Command("failed")
    .description("print the failed items of a batch, one JSON object on a line")
    .argument("<batch>", "its id, or the beginning of it");
  return withJson(withPlace(command), "one JSON array instead of lines").action(failed);
}

async function failed(given: string, options: PlaceOptions & JsonOption): Promise<void> {
  const batches = await batchesAt(options);
  const summary = await batches.find(given);
  const { batch, endedAt } = summary;
  if (endedAt === null) throw notEnded(summary, batches);
  const content = summary.failed && batches.read(batch, "failed.jsonl");
  if (options.json) await printLinesAsArray(content);
  else if (content) await printFile(content);
  else console.error(`no item of batch ${batch} failed`);
}
