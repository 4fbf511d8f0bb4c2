/** Picks threads, and their numbers. */
import { feedingIn } from "./thread.ts";
import type { Thread } from "./thread.ts";

/** The lowest number that no thread has. */
export function freeNumber(threads: readonly Thread[]): number {
  const taken = new Set(threads.map(({ number }) => number));
  let number = 1;
  while (taken.has(number)) number++;
  return number;
}

/** Whether `a` is to have the next request rather than `b`. */
export function isFreer(a: Thread, b: Thread): boolean {
  const difference = feedingIn(a) - feedingIn(b);
  return difference < 0 || (difference === 0 && a.pending.size < b.pending.size);
}
