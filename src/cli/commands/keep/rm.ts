/** `fanjoin rm`: removes batches that have ended, with everything that belongs to them. */
import { Command } from "commander";
import type { BatchSummary } from "../../../batch/summary/summary.ts";
import { FanjoinError } from "../../../core/errors/errors.ts";
import { withJson } from "../../common-options.ts";
import type { JsonOption, PlaceOptions } from "../../common-options.ts";
import { placeOf } from "../../place.ts";
import { withPlace } from "../place-option.ts";
import { removeBatches } from "./removing.ts";

const HELP = `
A removed batch is gone for good: its results, its list of failed items, copies
of its input, and its --id, which can be used again. Users' own input files stay.
A batch that has not ended is refused: cancel it first.

Examples:
  fanjoin rm 01KB 01KC
  fanjoin rm latest`;

export function rmCommand(): Command {
  const command = new Command("rm")
    .description("remove batches that have ended, with their results")
    .argument("<batch...>", "their ids, or the beginnings of these; latest is the newest one");
  return withJson(withPlace(command), "print a JSON array of what was removed")
    .addHelpText("after", HELP)
    .action(rm);
}

async function rm(named: readonly string[], options: PlaceOptions & JsonOption): Promise<void> {
  await using place = await placeOf(options);
  // All of them are looked at first: one that cannot be removed removes nothing.
  const found = new Map<string, BatchSummary>();
  for (const name of named) {
    const summary = await (await place.find(name)).summary();
    if (summary.endedAt === null) throw notEnded(summary, place.command(`cancel ${summary.batch}`));
    found.set(summary.batch, summary);
  }
  await removeBatches(place, [...found.values()], options);
}

function notEnded({ batch, state }: BatchSummary, cancel: string): FanjoinError {
  return new FanjoinError(
    "BATCH_NOT_READY",
    `batch ${batch} has not ended (state: ${state}), and nothing was removed: \`${cancel}\` ends it first`,
  );
}
