/** `fanjoin show`: shows one batch as it is now. */
import { Command } from "commander";
import { withJson } from "../common-options.ts";
import type { JsonOption } from "../common-options.ts";
import { printOutcome } from "../follow/report-outcome.ts";
import { batchesAt, withPlace } from "./place-option.ts";
import type { PlaceOptions } from "./place-option.ts";

export function showCommand(): Command {
  const command = new Command("show")
    .description("show the state, the counts and the files of a batch")
    .argument("<batch>", "its id, or the beginning of it");
  return withJson(withPlace(command), "print the batch summary as JSON").action(
    async (batch: string, options: PlaceOptions & JsonOption) => {
      const batches = await batchesAt(options);
      await printOutcome(await batches.find(batch), options, batches.read);
    },
  );
}
