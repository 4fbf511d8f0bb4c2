/**
 * Notices threads that ought to answer and do not: the job's module has run, and still the thread does not
 * say that it is ready, or takes up no request. A job can do that by what it does to the thread it runs in.
 */
import { EVALUATED } from "../thread-messages.ts";
import { runningIn } from "../pool/thread.ts";
import type { Thread } from "../pool/thread.ts";

/** So long a thread may be silent. */
export const SILENT_MS = 60_000;
const MOST_CHECKS_MS = 5000;

/** How long a thread has been silent, by observation: if the machine slept, the thread is not to blame. */
interface Silence {
  readonly running: number;
  readonly ms: number;
}

/** Checks the threads of a list, which may change, at regular intervals. Returns the timer. */
export function watchSilence(
  threads: readonly Thread[],
  silentMs: number,
  onSilent: (thread: Thread) => void,
): NodeJS.Timeout {
  const intervalMs = Math.min(MOST_CHECKS_MS, silentMs / 4);
  const silences = new WeakMap<Thread, Silence>();
  return setInterval(() => {
    for (const thread of threads.slice()) {
      const running = runningIn(thread);
      const before = silences.get(thread);
      const still = isSilent(thread, running);
      const ms = still && before?.running === running ? before.ms + intervalMs : 0;
      silences.set(thread, { running: still ? running : -1, ms });
      if (ms >= silentMs) onSilent(thread);
    }
  }, intervalMs).unref();
}

/** A request that runs may take its time: it has limits of its own. */
function isSilent({ isReady, state, pending }: Thread, running: number): boolean {
  if (!isReady) return Atomics.load(state, EVALUATED) === 1;
  return pending.size > 0 && !pending.has(running);
}
