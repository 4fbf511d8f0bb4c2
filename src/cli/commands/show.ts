/** `fanjoin show`: one batch as it is now. */
import { Command } from "commander";
import { withJson } from "../common-options.ts";
import type { JsonOption } from "../common-options.ts";
import { batchesAt, withPlace } from "./place-option.ts";
import type { PlaceOptions } from "./place-option.ts";
import { printOutcome } from "../follow/report-outcome.ts";

export function showCommand(): Command {
  const command = new Command("show")
    .description("show a batch: its state, its counts, where its files are")
    .argument("<batch>", "its id, or the beginning of it");
  return withJson(withPlace(command), "the batch summary").action(
    async (batch: string, options: PlaceOptions & JsonOption) => {
      const batches = await batchesAt(options);
      await printOutcome(await batches.find(batch), options, batches.read);
    },
  );
}
