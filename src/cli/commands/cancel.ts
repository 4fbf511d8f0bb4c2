/** `fanjoin cancel`: ends a batch with what was joined so far. */
import { Command } from "commander";
import { FanjoinError } from "../../core/errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { ExitCode } from "../exit-codes.ts";
import { withJson } from "../common-options.ts";
import type { JsonOption } from "../common-options.ts";
import { batchesAt, withPlace } from "./place-option.ts";
import type { PlaceOptions } from "./place-option.ts";
import { printOutcome } from "../follow/report-outcome.ts";

export function cancelCommand(): Command {
  const command = new Command("cancel")
    .description("end a batch with what was joined so far, also while another process runs it")
    .argument("<batch>", "its id, or the beginning of it");
  return withJson(withPlace(command), "the batch summary").action(
    async (batch: string, options: PlaceOptions & JsonOption) => {
      process.exitCode = await cancel(batch, options);
    },
  );
}

async function cancel(given: string, options: PlaceOptions & JsonOption): Promise<ExitCode> {
  const batches = await batchesAt(options);
  const found = await batches.find(given);
  const { batch, endedAt } = found;
  const outcome = endedAt === null ? await batches.cancel(batch) : found;
  if (outcome.endedAt === null) {
    throw new FanjoinError(
      "BATCH_NOT_READY",
      `batch ${batch} was asked to end and has not ended yet: look again with \`${batches.command(`show ${batch}`)}\``,
    );
  }
  const cancelled = outcome.state === "cancelled";
  const code = cancelled ? EXIT.succeeded : EXIT.wrong;
  process.exitCode = code;
  if (!cancelled || endedAt !== null) console.error(`batch ${batch} had ended before: ${outcome.state}`);
  await printOutcome(outcome, options, batches.read);
  return code;
}
