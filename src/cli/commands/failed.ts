/** `fanjoin failed`: prints the failed items, with their places and reasons. */
import { Command } from "commander";
import { withJson } from "../common-options.ts";
import type { JsonOption, PlaceOptions } from "../common-options.ts";
import { printFile, printLinesAsArray } from "../display/standard-output.ts";
import { say } from "../display/standard-error.ts";
import { placeOf } from "../place.ts";
import { withPlace } from "./place-option.ts";
import { notEnded } from "./result.ts";

export function failedCommand(): Command {
  const command = new Command("failed")
    .description("print the failed items of a batch, one JSON object per line")
    .argument("<batch>", "its id, or the beginning of it");
  return withJson(withPlace(command), "print one JSON array instead of lines").action(failed);
}

async function failed(prefix: string, options: PlaceOptions & JsonOption): Promise<void> {
  await using place = await placeOf(options);
  const batch = await place.find(prefix);
  const summary = await batch.summary();
  if (summary.endedAt === null) throw notEnded(summary, place);
  const content = summary.failed && batch.read("failed.jsonl");
  if (options.json) await printLinesAsArray(content);
  else if (content) await printFile(content);
  else say(`no item of batch ${batch.id} failed`);
}
