/** Time that moves only when everything waits: to the moment when the next sleeper wakes. */
import { setImmediate } from "node:timers/promises";

export interface VirtualTime {
  readonly now: () => number;
  /** Resolves after so long, or when `signal` fires. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Moves time until `work` has settled. */
  run<T>(work: Promise<T>): Promise<T>;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

export function virtualTime(start: number): VirtualTime {
  const sleepers = new Set<Sleeper>();
  let now = start;
  return {
    now: () => now,
    sleep(ms, signal) {
      return new Promise((resolve) => {
        const wake = (): void => {
          sleepers.delete(sleeper);
          resolve();
        };
        const sleeper = { at: now + Math.max(0, ms), wake };
        sleepers.add(sleeper);
        if (signal?.aborted) wake();
        signal?.addEventListener("abort", wake, { once: true });
      });
    },
    async run(work) {
      let over = false;
      const done = work.finally(() => (over = true));
      done.catch(() => undefined);
      for (;;) {
        await setImmediate();
        if (over) return done;
        if (sleepers.size === 0) continue;
        now = Math.max(now, Math.min(...[...sleepers].map(({ at }) => at)));
        const due = [...sleepers].filter(({ at }) => at <= now);
        for (const { wake } of due) wake();
      }
    },
  };
}
