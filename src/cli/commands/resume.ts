/** `fanjoin resume`: continues a batch that was interrupted. */
import { Command } from "commander";
import type { WorkOptions } from "../batches.ts";
import { withConcurrency, withJobFile, withOutcome } from "../common-options.ts";
import { checkOutput } from "../follow/check-output.ts";
import { batchesAt, withPlace } from "./place-option.ts";
import type { PlaceOptions } from "./place-option.ts";

const EXAMPLES = `
Finished chunks are kept: only the rest is run. If the batch has ended (or, when
none is named, all have), its summary is printed again. A deployed batch continues by itself: with --stack or
--endpoint, this command follows it.

Examples:
  fanjoin resume
  fanjoin resume 01KB --output totals.json`;

export function resumeCommand(): Command {
  const command = new Command("resume")
    .description("continue a batch that was interrupted or killed")
    .argument(
      "[batch]",
      "its id, or the beginning of it (default: the latest unfinished batch, else the latest)",
    );
  return withOutcome(withJobFile(withConcurrency(withPlace(command))))
    .addHelpText("after", EXAMPLES)
    .action(async (batch: string | undefined, options: PlaceOptions & WorkOptions) => {
      await checkOutput(options);
      const batches = await batchesAt(options);
      process.exitCode = await batches.resume(batch, options);
    });
}
