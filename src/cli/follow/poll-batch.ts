/** A batch that runs elsewhere, in another process or on a stack, and is polled. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Progress } from "../../batch/progress.ts";
import type { BatchSummary } from "../../batch/summary.ts";
import { FanjoinError } from "../../core/errors.ts";
import type { Batches } from "../batches.ts";
import { LostTrack } from "../error-text.ts";
import type { BatchSource } from "./follow-batch.ts";

/**
 * Polling takes about a tenth of the time: the pause is ten times the last request, within these bounds. The
 * upper one keeps a slow request, such as a cold start, from holding up the news of the end.
 */
const MIN_PAUSE_MS = 200;
const MAX_REQUEST_PAUSE_MS = 5000;
const PAUSES_PER_POLL = 10;
/** A long batch is polled less often, because requests cost money: the pause is 1 % of its time so far. */
const MAX_PAUSE_MS = 2000;
const PAUSE_SHARE = 0.01;
/** After this time without a change, check whether any process runs the batch. */
const QUIET_MS = 1500;
/** How long to keep polling an endpoint that keeps failing. */
const PATIENCE_MS = 60_000;

/** `first` is the batch as it was a moment ago. */
export function pollingSource(
  batches: Batches,
  first: BatchSummary,
  { announce = false }: { readonly announce?: boolean } = {},
): BatchSource {
  const { batch, job } = first;
  let last = first;
  return {
    batch,
    job,
    announce,
    read: batches.read,
    async watch(display, signal) {
      for await (const summary of polled(batches, batch, signal)) {
        if (signal.aborted) return null;
        const previous = last;
        last = summary;
        if (summary.endedAt === null) display.show(progressOf(summary));
        else return { progress: finalProgress(previous, summary), summarize: async () => summary };
      }
      return null;
    },
    async leave() {
      batches.close();
      return { summary: last, advice: await adviceFor(batches, batch) };
    },
    async explain(cause) {
      batches.close();
      return { error: new LostTrack(batches.command(`watch ${batch}`), cause), summary: null };
    },
  };
}

async function adviceFor(batches: Batches, batch: string): Promise<string> {
  return batches.isWorkedOn()
    ? `batch ${batch} continues. To follow it:\n  ${batches.command(`watch ${batch}`)}`
    : `no process runs batch ${batch}. To continue it:\n  ${await batches.resumeCommand(batch)}`;
}

/** The batch again and again, until it has ended or no process runs it. */
async function* polled(batches: Batches, batch: string, signal: AbortSignal): AsyncGenerator<BatchSummary> {
  const firstMs = performance.now();
  let changedMs = firstMs;
  for (let settled = -1; ;) {
    const beganMs = performance.now();
    const summary = await findWithRetries(batches, batch, signal);
    yield summary;
    if (summary.endedAt !== null) return;
    if (summary.chunks.settled !== settled) changedMs = beganMs;
    else if (beganMs - changedMs > QUIET_MS && !batches.isWorkedOn()) return;
    settled = summary.chunks.settled;
    const nowMs = performance.now();
    await sleep(pauseMs(nowMs - beganMs, nowMs - firstMs), null, { signal });
  }
}

/** The pause after a request that took `requestMs`, of a batch that was followed for `followedMs`. */
export function pauseMs(requestMs: number, followedMs: number): number {
  const share = Math.min(MAX_PAUSE_MS, PAUSE_SHARE * followedMs);
  return Math.max(MIN_PAUSE_MS, share, Math.min(MAX_REQUEST_PAUSE_MS, PAUSES_PER_POLL * requestMs));
}

async function findWithRetries(batches: Batches, batch: string, signal: AbortSignal): Promise<BatchSummary> {
  for (const giveUpMs = performance.now() + PATIENCE_MS; ;) {
    try {
      return await batches.find(batch);
    } catch (error) {
      const canPass = error instanceof FanjoinError && error.retryable;
      if (!canPass || performance.now() > giveUpMs) throw error;
      await sleep(MAX_PAUSE_MS, null, { signal });
    }
  }
}

function progressOf({ items, progress }: BatchSummary): Progress {
  const { units = 0, of = null, failedBefore = null } = progress ?? {};
  const { succeeded, failed } = items;
  return { totals: { succeeded, failed, units }, units: of, failedBefore };
}

/** 100 % if no chunk was skipped. `previous` is the last summary from before the end. */
function finalProgress({ progress }: BatchSummary, ended: BatchSummary): Progress {
  const { totals } = progressOf(ended);
  const { units = 0, of = null, failedBefore = null } = progress ?? {};
  const isWhole = ended.chunks.skipped === 0 && ended.error === null;
  return { totals: { ...totals, units: isWhole ? (of ?? units) : units }, units: of, failedBefore };
}
