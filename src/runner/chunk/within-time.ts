/**
 * Promises that have to settle in time. All limits of one length fall due in the order in which they were
 * set, so one timer serves them all: a timer for each item costs four times what all the rest of an
 * asynchronous item does.
 */

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
    const limit = { dueAt: performance.now() + this.#ms, expire };
    this.#waiting.add(limit);
    if (this.#timer === null) this.#set(this.#ms);
    return limit;
  }

  remove(limit: Limit): void {
    this.#waiting.delete(limit);
  }

  /** It is left to run out when nothing waits any more: setting it again would cost more. */
  #set(ms: number): void {
    this.#timer = setTimeout(() => this.#ring(), Math.ceil(ms)).unref();
  }

  #ring(): void {
    this.#timer = null;
    const now = performance.now();
    for (const limit of this.#waiting) {
      if (limit.dueAt > now) return this.#set(limit.dueAt - now);
      this.#waiting.delete(limit);
      limit.expire();
    }
  }
}

/** By length: a thread runs one job, and that has one. */
const limits = new Map<number, Limits>();

/** As `promise`; or rejects with what `late` returns, `ms` from now. */
export function withinTime<T>(promise: PromiseLike<T>, ms: number, late: () => Error): Promise<T> {
  const all = limits.get(ms) ?? new Limits(ms);
  limits.set(ms, all);
  return new Promise((resolve, reject) => {
    const limit = all.add(() => reject(late()));
    // Anything with a `then` may call back twice, throw, or answer with another such thing: a real promise
    // does not.
    Promise.resolve(promise).then(
      (value) => {
        all.remove(limit);
        resolve(value);
      },
      (thrown: unknown) => {
        all.remove(limit);
        // What was thrown may be anything.
        // oxlint-disable-next-line prefer-promise-reject-errors
        reject(thrown);
      },
    );
  });
}
