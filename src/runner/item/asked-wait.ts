/** Whether an item waits as its error asks, and how long. */
import { MAX_ASKED_MS, askedWaitMs, isAskedByJob, jitteredMs } from "../../core/limits/retry-after.ts";
import { isRetryable } from "../../core/retry.ts";
import type { ChunkContext } from "./item-context.ts";
import type { LaterOutcome } from "./item-outcome.ts";

/**
 * The wait that `thrown` names, in milliseconds. `null`: it names none, or the job's retry policy rules
 * another try out. The number of tries does not matter: the wait is not counted as one.
 */
export function waitAskedFor({ job, signal, now }: ChunkContext, thrown: unknown): number | null {
  if (signal.aborted) return null;
  const asked = askedWaitMs(thrown, now());
  if (asked === null || isAskedByJob(thrown)) return asked;
  try {
    return isRetryable(job.options.retries, thrown) ? asked : null;
  } catch {
    return null;
  }
}

/**
 * The wait with its share of chance; when the item should run elsewhere; or the message for an item that
 * cannot wait so long.
 */
export function askedWait(
  { now, random, deadlineAt, leavesUntil }: ChunkContext,
  waitedMs: number,
  askedMs: number,
): number | LaterOutcome | string {
  const asked = `the item is to be tried again after ${seconds(askedMs)}`;
  const left = MAX_ASKED_MS - waitedMs;
  if (askedMs > left) {
    const before = waitedMs > 0 ? `, has waited ${seconds(waitedMs)} already` : "";
    return `${asked}${before}, and waits ${seconds(MAX_ASKED_MS)} at most in all: redrive it later`;
  }
  const ms = Math.min(left, jitteredMs(askedMs, random()));
  const at = now() + ms;
  if (leavesUntil !== null && at > deadlineAt && at <= leavesUntil)
    return { ok: null, at, waitedMs: waitedMs + ms };
  if (now() + askedMs > deadlineAt)
    return `${asked}, and the time that its function or its batch has left is shorter: redrive it later`;
  return ms;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
