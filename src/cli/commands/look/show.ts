/** `fanjoin show`: shows one batch as it is now. */
import { Command } from "commander";
import { withJson, withLookedAt } from "../../common-options.ts";
import type { JsonOption, PlaceOptions } from "../../common-options.ts";
import { printOutcome } from "../../follow/report-outcome.ts";
import { placeOf } from "../../place.ts";
import { sayInterrupted } from "../../interrupted-batches.ts";
import { withPlace } from "../place-option.ts";

export function showCommand(): Command {
  const command = new Command("show").description("show the state, the counts and the files of a batch");
  return withJson(withPlace(withLookedAt(command)), "print the batch summary as JSON").action(
    async (named: string, options: PlaceOptions & JsonOption) => {
      await using place = await placeOf(options);
      const batch = await place.find(named);
      const summary = await batch.summary();
      await printOutcome(summary, options, batch);
      if (!options.json) await sayInterrupted(place, [summary]);
    },
  );
}
