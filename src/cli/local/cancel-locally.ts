/** Cancels a batch of a directory, whether a process runs it or not. */
import { setTimeout as sleep } from "node:timers/promises";
import { readSpec } from "../../batch/spec.ts";
import type { BatchSummary } from "../../batch/summary.ts";
import { FanjoinError } from "../../core/errors.ts";
import { requestCancel } from "../../local/directory/directory.ts";
import type { Engine } from "../../local/engine/engine.ts";
import type { JobOption } from "../batches.ts";
import type { DirectoryOption } from "./directory-option.ts";
import { loadRecordedJob } from "./load-job.ts";
import { currentSummary } from "./pick-batch.ts";
import { withEngine } from "./with-engine.ts";

/** Another process usually needs 0.2 s to end its batch. */
const PATIENCE_MS = 10_000;
const POLL_MS = 50;
/** After this time the other process may be gone: then this one takes over. */
const OWNER_MS = 1000;

type CancelOptions = DirectoryOption & JobOption;

export async function cancelLocally(batch: string, directory: CancelOptions): Promise<BatchSummary> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  let summary: BatchSummary;
  do {
    if (!(await isOwned(() => cancelAsOwner(batch, directory)))) return currentSummary(batch, directory);
    requestCancel(directory.dir, batch);
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

async function cancelAsOwner(batch: string, { dir, job }: CancelOptions): Promise<void> {
  await withEngine({ dir, concurrency: 1 }, async (engine: Engine) => {
    // The job's own code joins the results so far. If it cannot be loaded, the batch is left as it is. The
    // input is not read any more.
    await loadRecordedJob(engine, await readSpec(engine.ledger, batch), job);
    await engine.cancel(batch);
    await engine.finished(batch);
  });
}

/** Polls for a second. */
async function cancelledByOwner(batch: string, directory: DirectoryOption): Promise<BatchSummary> {
  for (let polls = 0; ; polls++) {
    await sleep(POLL_MS);
    const summary = await currentSummary(batch, directory);
    if (summary.endedAt !== null || polls * POLL_MS >= OWNER_MS) return summary;
  }
}
