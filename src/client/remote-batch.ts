/** One batch of a stack, or of `fanjoin dev`. */
import { notEnded } from "../core/failures/redrive-filter.ts";
import type { BatchSummary } from "../batch/summary/summary.ts";
import { batchHandle } from "../door/batch-handle.ts";
import type { Batch, PulledPage, PullOptions } from "../door/fanjoin.ts";
import { polledProgress } from "../door/polled.ts";
import { sleep } from "../door/sleep.ts";
import type { Job } from "../job/job.ts";
import type { ApiClient } from "./api-client.ts";
import { checkedFailedLines } from "./failed-lines.ts";
import { remoteOutputs } from "./remote-outputs.ts";

/** A cancelled batch joins the results so far before it ends. */
const CANCEL_PATIENCE_MS = 30_000;
const POLL_MS = 500;

export function remoteBatch<AnyJob extends Job>(api: ApiClient, id: string, job: string): Batch<AnyJob> {
  const summary = (): Promise<BatchSummary> => api.batch(id);
  return batchHandle<AnyJob>({
    id,
    job,
    summary,
    progress: (options) => polledProgress({ summary, isWorkedOn: () => true }, options?.signal),
    outputPages: (options) => remoteOutputs(api, id, options),
    read(file) {
      const content = api.read(id, file);
      return file === "failed.jsonl" ? checkedFailedLines(content, api.base) : content;
    },
    readOutputFile: (file) => api.readOutputFile(id, file),
    pull: (options) => pulledFrom(api, id, options),
    cancel: () => cancelled(api, id),
    async redrive({ filter = null } = {}) {
      if ((await api.batch(id)).endedAt === null) throw notEnded(id);
      return (await api.redrive(id, filter)) !== null;
    },
    pause: () => api.pause(id),
    set: (settings) => api.set(id, settings),
    // A stack goes on by itself with a batch that is not paused.
    async resume() {
      if ((await api.batch(id)).state === "paused") await api.resume(id);
    },
    async bytes() {
      const { result, outputs } = await api.batch(id);
      return (result?.bytes ?? 0) + (outputs?.bytes ?? 0);
    },
    remove: () => api.remove(id),
  });
}

async function* pulledFrom(api: ApiClient, batch: string, options: PullOptions): AsyncGenerator<PulledPage> {
  for (let cursor: string | null = null; ;) {
    const { cursor: next, ...page }: Awaited<ReturnType<ApiClient["chunks"]>> = await api.chunks(batch, {
      ...("chunk" in options ? { chunk: String(options.chunk) } : { failed: "true" }),
      ...(cursor === null ? {} : { cursor }),
    });
    yield page;
    if (next === null) return;
    cursor = next;
  }
}

async function cancelled(api: ApiClient, batch: string): Promise<BatchSummary> {
  const giveUpAt = performance.now() + CANCEL_PATIENCE_MS;
  let summary = await api.cancel(batch);
  while (summary.endedAt === null && performance.now() < giveUpAt) {
    await sleep(POLL_MS);
    summary = await api.batch(batch);
  }
  return summary;
}
