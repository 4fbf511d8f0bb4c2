/** `fanjoin resume`: goes on with a batch that was interrupted. */
import { Command } from "commander";
import type { WorkOptions } from "../batches.ts";
import { withConcurrency, withOutcome } from "../common-options.ts";
import { batchesAt, withPlace } from "./place-option.ts";
import type { PlaceOptions } from "./place-option.ts";
import { checkOutput } from "../follow/report-outcome.ts";

const EXAMPLES = `
What is settled stays settled: only what is missing is run. A batch that has ended is reported again.
A deployed batch goes on by itself: with --stack or --endpoint it is followed.

Examples:
  fanjoin resume
  fanjoin resume 01KB --output totals.json`;

export function resumeCommand(): Command {
  const command = new Command("resume")
    .description("go on with a batch that was interrupted or killed")
    .argument("[batch]", "its id, or the beginning of it; default: the latest unfinished one");
  return withOutcome(withConcurrency(withPlace(command)))
    .addHelpText("after", EXAMPLES)
    .action(async (batch: string | undefined, options: PlaceOptions & WorkOptions) => {
      await checkOutput(options);
      const batches = await batchesAt(options);
      process.exitCode = await batches.resume(batch, options);
    });
}
