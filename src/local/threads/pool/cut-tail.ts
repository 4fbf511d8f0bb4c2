/**
 * Shares the end of a batch: while nothing waits and threads are idle, a chunk that still runs is cut, so
 * that the idle threads take parts of it.
 */
import { runningIn } from "./thread.ts";
import type { Thread } from "./thread.ts";
import { CUT, CUT_PARTS } from "../thread-messages.ts";

/** Time between two checks. A request that two checks in a row find running is cut. */
const CHECK_MS = 40;
/** Parts for each thread: they end at different times, and those that are left are shared again. */
const PARTS_PER_THREAD = 2;

/** The state of all threads together. */
export interface TailState {
  /** Nothing waits, and nothing more is planned. */
  readonly isTail: () => boolean;
  /** A thread has nothing to do. */
  readonly isAnyIdle: () => boolean;
  /** How many threads take parts. */
  readonly count: () => number;
}

/** Checks the threads of a list, which may change. */
export function cutTail(threads: readonly Thread[], { isTail, isAnyIdle, count }: TailState): NodeJS.Timeout {
  let before = new Map<Thread, number>();
  return setInterval(() => {
    const running = new Map<Thread, number>();
    if (isAnyIdle() && isTail()) {
      for (const thread of threads) {
        const id = runningIn(thread);
        const request = thread.pending.get(id);
        if (request?.type !== "chunks" || request.careful) continue;
        running.set(thread, id);
        if (before.get(thread) === id) cut(thread, id, count() * PARTS_PER_THREAD);
      }
    }
    before = running;
  }, CHECK_MS).unref();
}

export function isIdle({ isReady, pending }: Thread): boolean {
  return isReady && pending.size === 0;
}

function cut({ state }: Thread, id: number, parts: number): void {
  Atomics.store(state, CUT_PARTS, parts);
  Atomics.store(state, CUT, id);
}
