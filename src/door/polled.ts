/** A batch that runs elsewhere, in another process or on a stack, and is polled. */
import type { Progress } from "../batch/summary/progress.ts";
import type { BatchSummary } from "../batch/summary/summary.ts";
import { FanjoinError } from "../core/errors/errors.ts";
import type { Seen } from "./fanjoin.ts";
import { sleep } from "./sleep.ts";

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
export const QUIET_MS = 1500;
/** How long to keep polling an endpoint that keeps failing. */
const PATIENCE_MS = 60_000;

export interface Polled {
  /** The batch as it is now. */
  summary(): Promise<BatchSummary>;
  /** Whether a process or a stack works on it. */
  isWorkedOn(): boolean;
}

/** How far the batch is, until it has ended or no process runs it. Throws the reason of `signal`. */
export async function* polledProgress(polled: Polled, signal: AbortSignal | undefined): AsyncGenerator<Seen> {
  const firstMs = performance.now();
  let changedMs = firstMs;
  let last: BatchSummary | null = null;
  for (;;) {
    const beganMs = performance.now();
    const summary = await patiently(() => polled.summary(), signal);
    if (summary.endedAt !== null) {
      // A batch that had ended before has nothing to show.
      if (last !== null) yield finalProgress(last, summary);
      return;
    }
    yield { ...progressOf(summary), summary };
    if (summary.chunks.settled !== last?.chunks.settled) changedMs = beganMs;
    else if (beganMs - changedMs > QUIET_MS && isLeft(summary, polled)) return;
    last = summary;
    const nowMs = performance.now();
    await sleep(pauseMs(nowMs - beganMs, nowMs - firstMs), signal);
  }
}

/** Whether nobody works on it. A paused batch is not left: it waits for its resume. */
function isLeft({ state }: BatchSummary, polled: Polled): boolean {
  if (state === "paused") return false;
  return state === "interrupted" || !polled.isWorkedOn();
}

/** The pause after a request that took `requestMs`, of a batch that was followed for `followedMs`. */
export function pauseMs(requestMs: number, followedMs: number): number {
  const share = Math.min(MAX_PAUSE_MS, PAUSE_SHARE * followedMs);
  return Math.max(MIN_PAUSE_MS, share, Math.min(MAX_REQUEST_PAUSE_MS, PAUSES_PER_POLL * requestMs));
}

/** Asks again for a while if that can help. */
export async function patiently<T>(ask: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  for (const giveUpMs = performance.now() + PATIENCE_MS; ;) {
    signal?.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      const canPass = error instanceof FanjoinError && error.retryable;
      if (!canPass || performance.now() > giveUpMs) throw error;
      await sleep(MAX_PAUSE_MS, signal);
    }
  }
}

function progressOf({ items, progress, state }: BatchSummary): Progress {
  const { units = 0, of = null, failedBefore = null } = progress ?? {};
  const { succeeded, failed } = items;
  return { totals: { succeeded, failed, units }, units: of, failedBefore, paused: state === "paused" };
}

/** 100 % if no chunk was skipped. `previous` is the last summary from before the end. */
function finalProgress({ progress }: BatchSummary, ended: BatchSummary): Progress {
  const { totals } = progressOf(ended);
  const { units = 0, of = null, failedBefore = null } = progress ?? {};
  const isWhole = ended.chunks.skipped === 0 && ended.error === null;
  return { totals: { ...totals, units: isWhole ? (of ?? units) : units }, units: of, failedBefore };
}
