/**
 * The time that one invocation has, on a platform that ends it by force: how long chunks may run, and what
 * else cuts them short. One machine has one time budget after the other.
 */
import type { Clock } from "../ports.ts";
import type { Hours } from "./machine.ts";

/** Why what ran was interrupted: its time was up, or nobody wants it any more. */
export type Interruption = "time" | "unwanted";

/**
 * What is kept free at the end, to write down and settle what was done: a part of the time budget, and no more than
 * so much.
 */
const MARGIN = 0.15;
const MOST_MARGIN_MS = 10_000;
/** How often it is looked at whether what runs is still wanted. */
const LOOK_MS = 2000;
/** Code that never waits lets the event loop turn so often: else no look would ever come to its turn. */
const REST_MS = 50;

export class TimeBudget implements Hours {
  readonly #clock: Clock;
  #controller = new AbortController();
  #interruption: Interruption | null = null;
  #broken: { readonly error: unknown } | null = null;
  #beganAt = 0;
  #overAt = Infinity;
  #restedAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `overAt`: when the platform ends it, in milliseconds since the epoch. */
  begin(overAt: number): void {
    this.#beganAt = this.#clock.now();
    this.#overAt = overAt;
    this.#reset();
  }

  /** When the platform ends it. */
  get overAt(): number {
    return this.#overAt;
  }

  /** How long chunks may run in all. */
  get lengthMs(): number {
    return this.endsAt() - this.#beganAt;
  }

  /** When nothing may run any more. */
  endsAt(): number {
    const length = this.#overAt - this.#beganAt;
    return this.#overAt - Math.min(MOST_MARGIN_MS, length * MARGIN);
  }

  /** Nothing should be begun any more. */
  isOver(): boolean {
    return this.#clock.now() >= this.endsAt();
  }

  /** Why what runs, or ran last, was interrupted; `null` if it was not. */
  get interruption(): Interruption | null {
    return this.#interruption;
  }

  readonly signal = (): AbortSignal => this.#controller.signal;

  readonly interrupted = (): boolean => {
    if (!this.#controller.signal.aborted && this.isOver()) this.#interrupt("time");
    return this.#controller.signal.aborted;
  };

  readonly yieldToEventLoop = (): Promise<void> | null => {
    const now = performance.now();
    if (now - this.#restedAt < REST_MS) return null;
    this.#restedAt = now;
    return new Promise((resolve) => setImmediate(resolve));
  };

  /** What runs cannot be gone on with, and what it comes to does not count. */
  breakOff(error: unknown): void {
    this.#broken ??= { error };
    this.#controller.abort(error);
  }

  /** Throws what the running work was broken off for. */
  throwIfBroken(): void {
    if (this.#broken) throw this.#broken.error;
  }

  /** Does `work`, which is interrupted when the time budget is over, or `isWanted` says no. */
  async during<T>(isWanted: () => Promise<boolean>, work: () => Promise<T>): Promise<T> {
    this.#reset();
    const alarm = setTimeout(() => this.#interrupt("time"), Math.max(0, this.endsAt() - this.#clock.now()));
    const looking = setInterval(() => void this.#look(isWanted), LOOK_MS);
    try {
      return await work();
    } finally {
      clearTimeout(alarm);
      clearInterval(looking);
    }
  }

  #reset(): void {
    this.#controller = new AbortController();
    this.#interruption = null;
    this.#broken = null;
  }

  #interrupt(why: Interruption): void {
    this.#interruption ??= why;
    this.#controller.abort();
  }

  /** A look that fails is no reason to stop. */
  async #look(isWanted: () => Promise<boolean>): Promise<void> {
    const { signal } = this.#controller;
    const wanted = await isWanted().catch(() => true);
    // Something else may run by now.
    if (!wanted && signal === this.#controller.signal) this.#interrupt("unwanted");
  }
}
