/** Ends a batch of a directory with what was joined so far, whether a process runs it or not. */
import { setTimeout as sleep } from "node:timers/promises";
import { FanjoinError } from "../../core/errors.ts";
import { requestCancel } from "../../local/directory/directory.ts";
import type { Engine } from "../../local/engine/engine.ts";
import type { BatchSummary } from "../../batch/summary.ts";
import type { DirectoryOption } from "./directory-option.ts";
import { currentSummary, loadJobOf, withEngine } from "./follow-engine.ts";

/** Another process usually needs a fifth of a second. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 50;

/** By its owner, or as its owner. */
export async function cancelHere(batch: string, directory: DirectoryOption): Promise<BatchSummary> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  let summary: BatchSummary;
  do {
    if (!(await isOwned(() => endHere(batch, directory)))) return currentSummary(batch, directory);
    requestCancel(directory.dir, batch);
    summary = await endedElsewhere(batch, directory);
  } while (summary.endedAt === null && performance.now() < giveUpAt);
  return summary;
}

/** Whether `use` found the directory in use by another process. */
async function isOwned(use: () => Promise<void>): Promise<boolean> {
  try {
    await use();
    return false;
  } catch (error) {
    if (error instanceof FanjoinError && error.code === "DIRECTORY_IN_USE") return true;
    throw error;
  }
}

async function endHere(batch: string, { dir }: DirectoryOption): Promise<void> {
  await withEngine({ dir, concurrency: 1 }, async (engine: Engine) => {
    // What was processed is joined by the job's own code: without that the batch is left as it is. Its input
    // is not read any more.
    await loadJobOf(engine, batch);
    await engine.cancel(batch);
    await engine.finished(batch);
  });
}

/** Waits for a second: the owner may be gone by then. */
async function endedElsewhere(batch: string, directory: DirectoryOption): Promise<BatchSummary> {
  for (let looks = 0; ; looks++) {
    await sleep(LOOK_MS);
    const summary = await currentSummary(batch, directory);
    if (summary.endedAt !== null || looks * LOOK_MS >= 1000) return summary;
  }
}
