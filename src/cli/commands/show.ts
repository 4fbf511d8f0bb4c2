/** `fanjoin show`: shows one batch as it is now. */
import { Command } from "commander";
import { withJson } from "../common-options.ts";
import type { JsonOption, PlaceOptions } from "../common-options.ts";
import { printOutcome } from "../follow/report-outcome.ts";
import { placeOf } from "../place.ts";
import { withPlace } from "./place-option.ts";

export function showCommand(): Command {
  const command = new Command("show")
    .description("show the state, the counts and the files of a batch")
    .argument("<batch>", "its id, or the beginning of it");
  return withJson(withPlace(command), "print the batch summary as JSON").action(
    async (named: string, options: PlaceOptions & JsonOption) => {
      await using place = await placeOf(options);
      const batch = await place.find(named);
      await printOutcome(await batch.summary(), options, batch);
    },
  );
}
