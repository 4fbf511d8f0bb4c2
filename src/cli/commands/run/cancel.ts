/** `fanjoin cancel`: ends a batch early and joins the results so far. */
import { Command } from "commander";
import { FanjoinError } from "../../../core/errors/errors.ts";
import { BATCH, withJobFile, withJson } from "../../common-options.ts";
import type { JsonOption, PlaceOptions } from "../../common-options.ts";
import { EXIT } from "../../exit-codes.ts";
import type { ExitCode } from "../../exit-codes.ts";
import { printOutcome } from "../../follow/report-outcome.ts";
import { placeOf } from "../../place.ts";
import { withPlace } from "../place-option.ts";
import { say } from "../../display/standard-error.ts";

type CancelOptions = PlaceOptions & JsonOption;

export function cancelCommand(): Command {
  const command = new Command("cancel")
    .description("end a batch early and join the results so far, even if another process runs it")
    .argument("<batch>", BATCH);
  return withJson(withJobFile(withPlace(command)), "print the batch summary as JSON").action(
    async (batch: string, options: CancelOptions) => {
      process.exitCode = await cancel(batch, options);
    },
  );
}

async function cancel(prefix: string, options: CancelOptions): Promise<ExitCode> {
  await using place = await placeOf(options);
  const batch = await place.find(prefix);
  const found = await batch.summary();
  const { endedAt } = found;
  const outcome = endedAt === null ? await batch.cancel(options) : found;
  await place.fanjoin.close();
  if (outcome.endedAt === null) {
    throw new FanjoinError(
      "BATCH_NOT_READY",
      `batch ${batch.id} is being cancelled and has not ended yet: \`${place.command(`show ${batch.id}`)}\` shows its state`,
    );
  }
  const isCancelled = outcome.state === "cancelled";
  const code = isCancelled ? EXIT.succeeded : EXIT.wrong;
  process.exitCode = code;
  if (!isCancelled || endedAt !== null) say(`batch ${batch.id} had already ended: ${outcome.state}`);
  await printOutcome(outcome, options, batch);
  return code;
}
