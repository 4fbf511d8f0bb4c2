/** `fanjoin cancel`: ends a batch early and joins the results so far. */
import { Command } from "commander";
import { FanjoinError } from "../../core/errors.ts";
import type { JobOption } from "../batches.ts";
import { withJobFile, withJson } from "../common-options.ts";
import type { JsonOption } from "../common-options.ts";
import { EXIT } from "../exit-codes.ts";
import type { ExitCode } from "../exit-codes.ts";
import { printOutcome } from "../follow/report-outcome.ts";
import { batchesAt, withPlace } from "./place-option.ts";
import type { PlaceOptions } from "./place-option.ts";
import { say } from "../display/standard-error.ts";

type CancelOptions = PlaceOptions & JsonOption & JobOption;

export function cancelCommand(): Command {
  const command = new Command("cancel")
    .description("end a batch early and join the results so far, even if another process runs it")
    .argument("<batch>", "its id, or the beginning of it");
  return withJson(withJobFile(withPlace(command)), "print the batch summary as JSON").action(
    async (batch: string, options: CancelOptions) => {
      process.exitCode = await cancel(batch, options);
    },
  );
}

async function cancel(prefix: string, options: CancelOptions): Promise<ExitCode> {
  const batches = await batchesAt(options);
  const found = await batches.find(prefix);
  const { batch, endedAt } = found;
  const outcome = endedAt === null ? await batches.cancel(batch, options) : found;
  if (outcome.endedAt === null) {
    throw new FanjoinError(
      "BATCH_NOT_READY",
      `batch ${batch} is being cancelled and has not ended yet: \`${batches.command(`show ${batch}`)}\` shows its state`,
    );
  }
  const isCancelled = outcome.state === "cancelled";
  const code = isCancelled ? EXIT.succeeded : EXIT.wrong;
  process.exitCode = code;
  if (!isCancelled || endedAt !== null) say(`batch ${batch} had already ended: ${outcome.state}`);
  await printOutcome(outcome, options, batches.read);
  return code;
}
