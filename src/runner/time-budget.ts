/**
 * The time that one invocation has, on a platform that ends it by force: how long chunks may run, and what
 * else interrupts them. A process has one invocation at a time, so it uses one budget again and again.
 */
import type { Clock } from "../ports.ts";
import type { Cutting } from "./chunk/cutting/cutting.ts";

/** Why work was interrupted: the time was up, or the batch no longer wants it. */
export type Interruption = "time" | "unwanted";

/** The share of an invocation that is kept free at its end, to write and settle finished chunks. */
const MARGIN = 0.15;
const MAX_MARGIN_MS = 10_000;
/** The share in which no further item of a chunk begins: what has begun may end, and the rest is cut off. */
const CLOSING = 0.1;
const MAX_CLOSING_MS = 5_000;
/** A part is worth an invocation if it takes this long, or this share of one. */
const PART_MS = 4_000;
const PART_SHARE = 1 / 4;
/** The most parts of one cut. */
const MOST_PARTS = 100;
/** Time between two checks whether the running work is still wanted. */
const CHECK_MS = 2000;
/** How long code that never waits may hold the event loop. Without a pause no check would ever run. */
const YIELD_AFTER_MS = 50;

export class TimeBudget {
  readonly #clock: Clock;
  #controller = new AbortController();
  #interruption: Interruption | null = null;
  #broken: { readonly error: unknown } | null = null;
  #beganAt = 0;
  #overAt = Infinity;
  #yieldedAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Begins an invocation. `overAt`: when the platform ends it, in milliseconds since the epoch. */
  begin(overAt: number): void {
    this.#beganAt = this.#clock.now();
    this.#overAt = overAt;
    this.#reset();
  }

  /** When the platform ends the invocation, in milliseconds since the epoch. */
  get overAt(): number {
    return this.#overAt;
  }

  /** How long chunks may run in all. */
  get lengthMs(): number {
    return this.endsAt() - this.#beganAt;
  }

  /** When running chunks have to stop, in milliseconds since the epoch. */
  endsAt(): number {
    const length = this.#overAt - this.#beganAt;
    return this.#overAt - Math.min(MAX_MARGIN_MS, length * MARGIN);
  }

  /** Cuts the chunk that runs when the time is up: what is done counts, and the rest goes to others. */
  readonly cutting: Cutting = {
    isDue: () => this.#clock.now() >= this.endsAt() - Math.min(MAX_CLOSING_MS, this.lengthMs * CLOSING),
    mayCut: () => this.#broken === null && this.#interruption !== "unwanted",
    partsFor: (leftMs) => {
      const partMs = Math.max(PART_MS, this.lengthMs * PART_SHARE);
      return Math.max(1, Math.min(MOST_PARTS, Math.ceil(leftMs / partMs)));
    },
    isLate: () => this.#clock.now() >= (this.endsAt() + this.#overAt) / 2,
  };

  /** Whether it is too late to begin anything. */
  isOver(): boolean {
    return this.#clock.now() >= this.endsAt();
  }

  /** Why the current work, or the last one, was interrupted; `null` if it was not. */
  get interruption(): Interruption | null {
    return this.#interruption;
  }

  readonly signal = (): AbortSignal => this.#controller.signal;

  /** Also notices that the time is up: timers do not fire while code never waits. */
  readonly interrupted = (): boolean => {
    if (!this.#controller.signal.aborted && this.isOver()) this.#interrupt("time");
    return this.#controller.signal.aborted;
  };

  /** Lets the event loop turn if it is due; `null` if it is not. */
  readonly yieldToEventLoop = (): Promise<void> | null => {
    const now = performance.now();
    if (now - this.#yieldedAt < YIELD_AFTER_MS) return null;
    this.#yieldedAt = now;
    return new Promise((resolve) => setImmediate(resolve));
  };

  /** The running work cannot continue, and its outcome does not count. */
  breakOff(error: unknown): void {
    this.#broken ??= { error };
    this.#controller.abort(error);
  }

  get isBroken(): boolean {
    return this.#broken !== null;
  }

  /** Throws the error that the running work was broken off for. */
  throwIfBroken(): void {
    if (this.#broken) throw this.#broken.error;
  }

  /** Runs `work`. Interrupts it when the time is up, or when `isWanted` says no. */
  async during<T>(isWanted: () => Promise<boolean>, work: () => Promise<T>): Promise<T> {
    this.#reset();
    const alarm = setTimeout(() => this.#interrupt("time"), Math.max(0, this.endsAt() - this.#clock.now()));
    const checks = setInterval(() => void this.#check(isWanted), CHECK_MS);
    try {
      return await work();
    } finally {
      clearTimeout(alarm);
      clearInterval(checks);
    }
  }

  #reset(): void {
    this.#controller = new AbortController();
    this.#interruption = null;
    this.#broken = null;
  }

  #interrupt(reason: Interruption): void {
    this.#interruption ??= reason;
    this.#controller.abort();
  }

  /** A check that fails is not a reason to stop. */
  async #check(isWanted: () => Promise<boolean>): Promise<void> {
    const { signal } = this.#controller;
    const wanted = await isWanted().catch(() => true);
    // Other work may be running by now.
    if (!wanted && signal === this.#controller.signal) this.#interrupt("unwanted");
  }
}
