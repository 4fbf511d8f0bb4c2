/** Pauses, resumes and sets a batch of a directory, whether a process runs it or not. */
import { readBatch } from "../../batch/spec.ts";
import { checkSettings } from "../../batch/steering/settings.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import { FanjoinError } from "../../core/errors/errors.ts";
import { SETTING_NAMES } from "../../core/records/batch/settings.ts";
import type { Settings } from "../../core/records/batch/settings.ts";
import { isPaused } from "../../core/records/batch/pausing.ts";
import { workedOnIn } from "../../local/directory/lock.ts";
import { askOwner } from "./ask-owner.ts";
import { readDirectory } from "../directory-files.ts";
import type { OpenDirectory } from "./local-batch.ts";

export async function pauseBatch(
  { directory, engines }: OpenDirectory,
  batch: string,
): Promise<BatchSummary> {
  const asOwner = async (): Promise<void> => {
    await (await engines.get(false)).pause(batch);
  };
  return askOwner({ directory, kind: "pause", batch }, asOwner, isHeld);
}

/** A batch that is to end is not paused any more. */
function isHeld({ state, endedAt }: BatchSummary): boolean {
  return state === "paused" || state === "cancelling" || endedAt !== null;
}

/** Whether a process works on a batch that is paused. */
export async function isPausedElsewhere(directory: string, batch: string): Promise<boolean> {
  const isWorkedOn = workedOnIn(directory);
  const fields = await readDirectory(directory, (ledger) => readBatch(ledger, batch));
  return fields !== null && isPaused(fields) && isWorkedOn(fields);
}

/** Has the process that works on a paused batch go on. False: none does. Throws `BATCH_NOT_READY`. */
export async function resumeElsewhere({ directory }: OpenDirectory, batch: string): Promise<boolean> {
  if (!(await isPausedElsewhere(directory, batch))) return false;
  const asOwner = (): Promise<void> =>
    Promise.reject(
      new FanjoinError("DIRECTORY_IN_USE", "the process that works on the batch goes on with it"),
    );
  const summary = await askOwner(
    { directory, kind: "resume", batch },
    asOwner,
    ({ state }) => state !== "paused",
  );
  if (summary.state !== "paused") return true;
  throw new FanjoinError(
    "BATCH_NOT_READY",
    `batch ${batch} is paused, and the process that works on it does not answer: end that process, and try again`,
  );
}

/**
 * Throws `REQUEST_INVALID`, and `BATCH_NOT_READY` also if the process that works on the batch does not
 * answer.
 */
export async function setBatch(
  { directory, engines }: OpenDirectory,
  batch: string,
  settings: Settings,
): Promise<BatchSummary> {
  checkSettings(settings);
  const asOwner = async (): Promise<void> => (await engines.get(false)).set(batch, settings);
  const isSet = (summary: BatchSummary): boolean =>
    SETTING_NAMES.every(
      (name) => settings[name] === undefined || summary.settings?.[name] === settings[name],
    );
  const request = { directory, kind: "set", batch, settings } as const;
  const summary = await askOwner(request, asOwner, (seen) => seen.endedAt !== null || isSet(seen));
  if (isSet(summary)) return summary;
  const why = summary.endedAt === null ? "the process that works on it does not answer" : "it has ended";
  throw new FanjoinError("BATCH_NOT_READY", `nothing was set of batch ${batch}: ${why}`);
}
