/** `fanjoin result`: prints the result of a batch. */
import { Command } from "commander";
import type { BatchSummary } from "../../../batch/summary/summary.ts";
import { FanjoinError } from "../../../core/errors/errors.ts";
import { withJson, withLookedAt } from "../../common-options.ts";
import type { JsonOption, PlaceOptions } from "../../common-options.ts";
import { printFile, printLinesAsArray } from "../../display/standard-output.ts";
import { resultFile } from "../../follow/report-outcome.ts";
import { placeOf } from "../../place.ts";
import type { CommandPlace } from "../../place.ts";
import { withPlace } from "../place-option.ts";

export function resultCommand(): Command {
  const command = new Command("result").description(
    "print the result of a batch, or its ordered outputs if the job collects",
  );
  return withJson(
    withPlace(withLookedAt(command)),
    "print ordered outputs as one JSON array (a result is always JSON)",
  ).action(result);
}

async function result(prefix: string, options: PlaceOptions & JsonOption): Promise<void> {
  await using place = await placeOf(options);
  const batch = await place.find(prefix);
  const summary = await batch.summary();
  const file = resultFile(summary);
  if (file === null) throw noResult(summary, place);
  const content = batch.read(file);
  if (options.json && summary.outputs) await printLinesAsArray(content);
  else await printFile(content);
}

function noResult(summary: BatchSummary, place: CommandPlace): FanjoinError {
  const { batch, state, endedAt, error } = summary;
  if (endedAt === null) return notEnded(summary, place);
  const why = error ? error.message : "its job has no join";
  return new FanjoinError(
    "BATCH_NOT_READY",
    `batch ${batch} has no result. It ended in the state ${state}: ${why}`,
  );
}

export function notEnded({ batch, state }: BatchSummary, place: CommandPlace): FanjoinError {
  return new FanjoinError(
    "BATCH_NOT_READY",
    `batch ${batch} has not ended yet (state: ${state}): \`${place.command(`watch ${batch}`)}\` waits for it`,
  );
}
