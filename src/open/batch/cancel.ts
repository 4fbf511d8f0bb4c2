/** Cancels a batch of a directory, whether a process runs it or not. */
import { readSpec } from "../../batch/spec.ts";
import type { BatchSummary } from "../../batch/summary/summary.ts";
import { askOwner } from "./ask-owner.ts";
import type { OpenDirectory } from "./local-batch.ts";
import { loadRecordedJob } from "../load-job.ts";

export function cancelBatch(
  opened: OpenDirectory,
  batch: string,
  job: string | URL | undefined,
): Promise<BatchSummary> {
  const request = { directory: opened.directory, kind: "cancel", batch } as const;
  return askOwner(
    request,
    () => cancelAsOwner(opened, batch, job),
    ({ endedAt }) => endedAt !== null,
  );
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
