/** `fanjoin resume`: continues a batch that was interrupted. */
import { Command } from "commander";
import { withJobFile, withOutcome, withThreads, withTurn } from "../../common-options.ts";
import type { OutcomeOptions, PlaceOptions } from "../../common-options.ts";
import { say } from "../../display/standard-error.ts";
import type { ExitCode } from "../../exit-codes.ts";
import { checkOutput } from "../../follow/check-output.ts";
import { followBatch } from "../../follow/follow-batch.ts";
import { checkStream, printOutputs, withStream } from "../../follow/stream-outputs.ts";
import { withOnEnd } from "../../follow/on-end.ts";
import type { OnEndOption } from "../../follow/on-end.ts";
import { reportOutcome } from "../../follow/report-outcome.ts";
import { latestToResume, placeOf } from "../../place.ts";
import { withPlace } from "../place-option.ts";

type ResumeOptions = PlaceOptions & OutcomeOptions & OnEndOption;

const EXAMPLES = `
Finished chunks are kept: only the rest is run. If the batch has ended (or, when
none is named, all have), its summary is printed again. A deployed batch continues by itself, unless it is
paused. This command follows it, as it does a paused batch that another process works on.

Examples:
  fanjoin resume
  fanjoin resume 01KB --output totals.json`;

export function resumeCommand(): Command {
  const command = new Command("resume")
    .description("continue a batch that was paused, interrupted or killed")
    .argument(
      "[batch]",
      "its id, the beginning of it, or latest (default: the latest unfinished batch, else the latest)",
    );
  return withStream(withOnEnd(withOutcome(withJobFile(withTurn(withThreads(withPlace(command)))))))
    .addHelpText("after", EXAMPLES)
    .action(async (batch: string | undefined, options: ResumeOptions) => {
      await checkOutput(options);
      checkStream(options);
      process.exitCode = await resume(batch, options);
    });
}

async function resume(named: string | undefined, options: ResumeOptions): Promise<ExitCode> {
  await using place = await placeOf(options);
  const batch = named === undefined ? await latestToResume(place) : await place.find(named);
  const summary = await batch.summary();
  if (summary.endedAt !== null) {
    if (named === undefined) say(`nothing to resume: the latest batch, ${batch.id}, has ended`);
    if (options.stream) await printOutputs(batch, options);
    return await reportOutcome(summary, options, batch);
  }
  const begin = async (): Promise<typeof batch> => {
    await batch.resume(options);
    return batch;
  };
  const here = place.runsHere && !(await place.goesOnElsewhere(batch.id));
  const announce = here ? "at once" : "never";
  return await followBatch({ place, begin, announce, here, known: batch }, options);
}
