/**
 * Promises with a time limit. Limits of one length fall due in the order in which they were set, so one timer
 * serves them all: a timer for each item would cost four times as much as the rest of an asynchronous item.
 */

import { NativePromise } from "../../core/native-promise.ts";
import { elapsedMs, startTimeout } from "../captured.ts";

interface Limit {
  readonly dueAt: number;
  readonly expire: () => void;
}

class Limits {
  readonly #ms: number;
  readonly #waiting = new Set<Limit>();
  #timer: NodeJS.Timeout | null = null;

  constructor(ms: number) {
    this.#ms = ms;
  }

  add(expire: () => void): Limit {
    const limit = { dueAt: elapsedMs() + this.#ms, expire };
    this.#waiting.add(limit);
    if (this.#timer === null) this.#set(this.#ms);
    return limit;
  }

  remove(limit: Limit): void {
    this.#waiting.delete(limit);
  }

  /** The timer is not cleared when nothing waits any more: setting it again would cost more. */
  #set(ms: number): void {
    this.#timer = startTimeout(() => this.#ring(), Math.ceil(ms)).unref();
  }

  #ring(): void {
    this.#timer = null;
    const now = elapsedMs();
    for (const limit of this.#waiting) {
      if (limit.dueAt > now) return this.#set(limit.dueAt - now);
      this.#waiting.delete(limit);
      limit.expire();
    }
  }
}

/** By length. A thread runs one job, which has one length. */
const limits = new Map<number, Limits>();

/** Settles as `promise` does, or rejects with the error of `late` after `ms`. */
export function withinTime<T>(promise: PromiseLike<T>, ms: number, late: () => Error): Promise<T> {
  const all = limits.get(ms) ?? new Limits(ms);
  limits.set(ms, all);
  return new NativePromise((resolve, reject) => {
    const limit = all.add(() => reject(late()));
    // A thenable may call back twice, throw, or resolve to another thenable. A real promise does not.
    NativePromise.resolve(promise).then(
      (value) => {
        all.remove(limit);
        resolve(value);
      },
      (thrown: unknown) => {
        all.remove(limit);
        // The value may be anything: jobs may throw anything.
        // oxlint-disable-next-line prefer-promise-reject-errors
        reject(thrown);
      },
    );
  });
}
