/** `fanjoin pause`: begins no further chunk of a batch, until it is resumed. */
import { Command } from "commander";
import { FanjoinError } from "../../../core/errors/errors.ts";
import { BATCH, withJson } from "../../common-options.ts";
import type { JsonOption, PlaceOptions } from "../../common-options.ts";
import { say } from "../../display/standard-error.ts";
import { printJson } from "../../display/standard-output.ts";
import { EXIT } from "../../exit-codes.ts";
import type { ExitCode } from "../../exit-codes.ts";
import { placeOf } from "../../place.ts";
import { withPlace } from "../place-option.ts";

type PauseOptions = PlaceOptions & JsonOption;

export function pauseCommand(): Command {
  const command = new Command("pause")
    .description("begin no further chunk of a batch until it is resumed, even if another process runs it")
    .argument("<batch>", BATCH);
  return withJson(withPlace(command), "print the batch summary as JSON").action(
    async (batch: string, options: PauseOptions) => {
      process.exitCode = await pause(batch, options);
    },
  );
}

async function pause(named: string, options: PauseOptions): Promise<ExitCode> {
  await using place = await placeOf(options);
  const batch = await place.find(named);
  const before = await batch.summary();
  const summary = before.endedAt === null ? await batch.pause() : before;
  const resume = await place.resumeCommand(batch.id);
  await place.fanjoin.close();
  if (options.json) printJson(summary);
  if (summary.state === "paused") {
    const already =
      before.state === "paused" ? "was paused before" : "is paused; running chunks come to their end";
    say(`batch ${batch.id} ${already}. To continue it:\n  ${resume}`);
    return EXIT.succeeded;
  }
  if (summary.endedAt === null && summary.state !== "cancelling") {
    throw new FanjoinError(
      "BATCH_NOT_READY",
      `batch ${batch.id} is not paused: the process that works in its directory does not answer. Try again`,
    );
  }
  say(
    `batch ${batch.id} cannot be paused: it ${summary.endedAt === null ? "is ending" : `has ended, ${summary.state}`}`,
  );
  return EXIT.wrong;
}
