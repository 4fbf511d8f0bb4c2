/** `fanjoin watch`: follows a batch that another process or a stack runs. */
import { Command } from "commander";
import { withOutcome } from "../common-options.ts";
import type { OutcomeOptions } from "../common-options.ts";
import { followBatch } from "../follow/follow-batch.ts";
import { pollingSource } from "../follow/poll-batch.ts";
import { checkOutput } from "../follow/check-output.ts";
import { batchesAt, withPlace } from "./place-option.ts";
import type { PlaceOptions } from "./place-option.ts";

export function watchCommand(): Command {
  const command = new Command("watch")
    .description("follow a batch that another process or a stack runs, until its end")
    .argument("<batch>", "its id, or the beginning of it");
  return withOutcome(withPlace(command)).action(
    async (batch: string, options: PlaceOptions & OutcomeOptions) => {
      await checkOutput(options);
      const batches = await batchesAt(options);
      process.exitCode = await followBatch(pollingSource(batches, await batches.find(batch)), options);
    },
  );
}
