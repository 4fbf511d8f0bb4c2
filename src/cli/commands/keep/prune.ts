/** `fanjoin prune`: removes batches that ended a while ago. */
import { Command } from "commander";
import { wholeNumber, withJson } from "../../common-options.ts";
import type { PlaceOptions } from "../../common-options.ts";
import { placeOf } from "../../place.ts";
import { age, batchesToPrune, DEFAULT_OLDER, pruneRule } from "../../prune-rule.ts";
import { withPlace } from "../place-option.ts";
import { removeBatches } from "./removing.ts";
import type { RemovingOptions } from "./removing.ts";

type PruneOptions = PlaceOptions & RemovingOptions & { readonly older?: number; readonly keep?: number };

const HELP = `
Nothing is asked: --dry-run says what would be removed. Batches that have not
ended stay. On a stack this takes batches out of sight before they expire.

Examples:
  fanjoin prune --dry-run
  fanjoin prune --older 2w
  fanjoin prune --keep 10             all but the newest ten that ended
  fanjoin prune --keep 10 --older 2w  of these, the ones older than two weeks`;

export function pruneCommand(): Command {
  const command = new Command("prune")
    .description("remove batches that ended a while ago, with their results")
    .option(
      "--older <time>",
      `that ended longer ago than this (default: ${DEFAULT_OLDER}, with --keep any)`,
      age,
    )
    .option("--keep <n>", "but keep the newest ones that ended", wholeNumber)
    .option("--dry-run", "say what would be removed, and how much room that gives");
  return withJson(withPlace(command), "print a JSON array of what was removed")
    .addHelpText("after", HELP)
    .action(prune);
}

async function prune(options: PruneOptions): Promise<void> {
  await using place = await placeOf(options);
  const old = await Array.fromAsync(batchesToPrune(place.fanjoin.list(), pruneRule(options), Date.now()));
  await removeBatches(place, old, options);
}
