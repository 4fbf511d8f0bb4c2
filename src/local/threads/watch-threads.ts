/** Ends threads that one item keeps busy for longer than it may take. */
import { activityOf, timeoutOf } from "./post-mortem.ts";
import { runningIn } from "./thread.ts";
import type { ThreadEnd, Thread } from "./thread.ts";
import { checkIntervalMs, isStuck, observe } from "./watchdog.ts";

/** Checks the threads of a list, which may change, at regular intervals. Returns the timer. */
export function watchThreads(
  threads: readonly Thread[],
  itemTimeoutMs: number,
  replace: (thread: Thread, ending: ThreadEnd) => void,
): NodeJS.Timeout {
  let checkedAt = performance.now();
  return setInterval(() => {
    const now = performance.now();
    for (const thread of threads.slice()) {
      const ending = check(thread, now - checkedAt, itemTimeoutMs);
      if (ending) replace(thread, ending);
    }
    checkedAt = now;
  }, checkIntervalMs(itemTimeoutMs)).unref();
}

/** Why the thread has to be ended; `null` if it need not be. */
function check(thread: Thread, sinceMs: number, itemTimeoutMs: number): ThreadEnd | null {
  const running = runningIn(thread);
  if (thread.pending.get(running)?.type !== "chunks") {
    thread.watched = null;
    return null;
  }
  // Read before the activity: the next item may begin in between.
  const timeout = timeoutOf(thread.heartbeat, itemTimeoutMs);
  thread.watched = observe(thread.watched, activityOf(thread.heartbeat, running), sinceMs, itemTimeoutMs);
  return isStuck(thread.watched, itemTimeoutMs) ? { culprit: running, ...timeout } : null;
}
