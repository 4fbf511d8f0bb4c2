/** Ends threads that one item, or the job's `setup`, keeps busy for longer than it may take. */
import { isDebugged } from "../debugged.ts";
import { activityOf, isSettingUp, setupTimeoutOf, timeoutOf } from "./post-mortem.ts";
import { runningIn } from "../pool/thread.ts";
import type { ThreadEnd, Thread } from "../pool/thread.ts";
import { checkIntervalMs, isStuck, observe } from "./watchdog.ts";

export interface TimeLimits {
  readonly itemTimeoutMs: number;
  readonly setupTimeoutMs: number;
}

/** Checks the threads of a list, which may change, at regular intervals. Returns the timer. */
export function watchThreads(
  threads: readonly Thread[],
  limits: TimeLimits,
  replace: (thread: Thread, ending: ThreadEnd) => void,
): NodeJS.Timeout {
  let checkedAt = performance.now();
  return setInterval(() => {
    const now = performance.now();
    for (const thread of isDebugged() ? [] : threads.slice()) {
      const ending = check(thread, now - checkedAt, limits);
      if (ending) replace(thread, ending);
    }
    checkedAt = now;
  }, checkIntervalMs(limits.itemTimeoutMs)).unref();
}

/** Why the thread has to be ended; `null` if it need not be. */
function check(
  thread: Thread,
  sinceMs: number,
  { itemTimeoutMs, setupTimeoutMs }: TimeLimits,
): ThreadEnd | null {
  const running = runningIn(thread);
  if (thread.pending.get(running)?.type !== "chunks") {
    thread.watched = null;
    return null;
  }
  // Read before the activity: the next item may begin in between.
  const inSetup = isSettingUp(thread.heartbeat);
  const timeout = inSetup ? setupTimeoutOf(setupTimeoutMs) : timeoutOf(thread.heartbeat, itemTimeoutMs);
  thread.watched = observe(thread.watched, activityOf(thread.heartbeat, running), sinceMs, itemTimeoutMs);
  return isStuck(thread.watched, inSetup ? setupTimeoutMs : itemTimeoutMs)
    ? { culprit: running, ...timeout }
    : null;
}
