/** Does something with a batch as the owner of its directory, or asks the process that is. */
import type { BatchSummary } from "../../batch/summary/summary.ts";
import { FanjoinError } from "../../core/errors/errors.ts";
import { sleep } from "../../door/sleep.ts";
import { requestOfOwner } from "../../local/directory/directory.ts";
import type { OwnerRequest } from "../../local/directory/directory.ts";
import { currentSummary } from "./pick-batch.ts";

/** Another process usually needs 0.2 s. */
const PATIENCE_MS = 10_000;
const POLL_MS = 50;
/** After this time the other process may be gone: then this one takes over. */
const OWNER_MS = 1000;

/**
 * The batch after it: as it is at last, if the other process does not get it `done`. `asOwner` throws
 * `DIRECTORY_IN_USE` if another process is the owner.
 */
export async function askOwner(
  { directory, ...request }: OwnerRequest & { readonly directory: string },
  asOwner: () => Promise<void>,
  done: (summary: BatchSummary) => boolean,
): Promise<BatchSummary> {
  const { batch } = request;
  const giveUpAt = performance.now() + PATIENCE_MS;
  let summary: BatchSummary;
  do {
    if (!(await isOwned(asOwner))) return currentSummary(batch, directory);
    requestOfOwner(directory, request);
    summary = await doneByOwner(batch, directory, done);
  } while (!done(summary) && performance.now() < giveUpAt);
  return summary;
}

/** Whether `use` failed because another process owns the directory. */
async function isOwned(use: () => Promise<void>): Promise<boolean> {
  try {
    await use();
    return false;
  } catch (error) {
    if (error instanceof FanjoinError && error.code === "DIRECTORY_IN_USE") return true;
    throw error;
  }
}

/** Polls for a second. */
async function doneByOwner(
  batch: string,
  directory: string,
  done: (summary: BatchSummary) => boolean,
): Promise<BatchSummary> {
  for (let polls = 0; ; polls++) {
    await sleep(POLL_MS);
    const summary = await currentSummary(batch, directory);
    if (done(summary) || polls * POLL_MS >= OWNER_MS) return summary;
  }
}
