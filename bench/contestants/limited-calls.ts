/** The calls of `bench limit`: when each of them began, and how well they kept the limit. */
import type { Run } from "../contestant.ts";

/** How long a call takes. */
export const CALL_MS = 5;
/** In each of two threads. */
export const LANES = 64;
/** How long the calls go on. */
export const SECONDS = 8;

/** A tenth of a second's calls: the default of the job option. */
export function burstOf(perSecond: number): number {
  return Math.max(1, Math.ceil(perSecond / 10));
}

/** Milliseconds since the epoch, the same in all threads and processes. */
export function callTime(): number {
  return performance.timeOrigin + performance.now();
}

/** `times`: when the calls began. `asks`: how often the limit was asked, for a thousand calls. */
export function limitedRun(perSecond: number, times: readonly number[], asks: number | null): Run {
  const sorted = times.toSorted((a, b) => a - b);
  const seconds = ((sorted.at(-1) ?? 0) - (sorted[0] ?? 0)) / 1000;
  const achieved = (sorted.length - 1) / seconds;
  let most = 0;
  let first = 0;
  sorted.forEach((time, last) => {
    while (time - (sorted[first] ?? 0) >= 1000) first++;
    most = Math.max(most, last - first + 1);
  });
  return {
    figures: {
      perSecond: achieved,
      ofLimit: (achieved / perSecond) * 100,
      mostInASecond: most,
      overCeiling: Math.max(0, most - perSecond - burstOf(perSecond)),
      ...(asks === null ? {} : { asksPer1000: (asks / sorted.length) * 1000 }),
    },
    answer: sorted.length === perSecond * SECONDS ? "every call once" : `${sorted.length} calls`,
  };
}
