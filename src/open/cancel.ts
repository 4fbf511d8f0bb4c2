/** Cancels a batch of a directory, whether a process runs it or not. */
import { readSpec } from "../batch/spec.ts";
import type { BatchSummary } from "../batch/summary.ts";
import { FanjoinError } from "../core/errors/errors.ts";
import { sleep } from "../door/sleep.ts";
import { requestCancel } from "../local/directory/directory.ts";
import type { OpenDirectory } from "./local-batch.ts";
import { loadRecordedJob } from "./load-job.ts";
import { currentSummary } from "./pick-batch.ts";

/** Another process usually needs 0.2 s to end its batch. */
const PATIENCE_MS = 10_000;
const POLL_MS = 50;
/** After this time the other process may be gone: then this one takes over. */
const OWNER_MS = 1000;

export async function cancelBatch(
  opened: OpenDirectory,
  batch: string,
  job: string | URL | undefined,
): Promise<BatchSummary> {
  const { directory } = opened;
  const giveUpAt = performance.now() + PATIENCE_MS;
  let summary: BatchSummary;
  do {
    if (!(await isOwned(() => cancelAsOwner(opened, batch, job)))) return currentSummary(batch, directory);
    requestCancel(directory, batch);
    summary = await cancelledByOwner(batch, directory);
  } while (summary.endedAt === null && performance.now() < giveUpAt);
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

async function cancelAsOwner(
  { engines, here, onNotice }: OpenDirectory,
  batch: string,
  job: string | URL | undefined,
): Promise<void> {
  const engine = await engines.get(false);
  // The job's own code joins the results so far. If it cannot be loaded, the batch is left as it is. The
  // input is not read any more.
  if (!here.has(batch))
    await loadRecordedJob({ engine, spec: await readSpec(engine.ledger, batch), onNotice }, job);
  await engine.cancel(batch);
  await engine.finished(batch);
}

/** Polls for a second. */
async function cancelledByOwner(batch: string, directory: string): Promise<BatchSummary> {
  for (let polls = 0; ; polls++) {
    await sleep(POLL_MS);
    const summary = await currentSummary(batch, directory);
    if (summary.endedAt !== null || polls * POLL_MS >= OWNER_MS) return summary;
  }
}
