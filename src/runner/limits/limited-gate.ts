/** The gate of a batch with limits. */
import { AHEAD_MS } from "../../core/limits/rate-limit.ts";
import { isRefusal } from "../../core/limits/refusal.ts";
import type { AdaptiveCalls } from "./adaptive-calls.ts";
import type { CallTokens } from "./call-tokens.ts";
import type { ItemGate } from "./item-gate.ts";

/** Room for calls in flight, shared by everything that runs the batch. */
export interface InFlight {
  /**
   * Resolves when one more call may be in flight; with false once `signal` fires, or if the item `leaves`,
   * which is asked before a longer wait.
   */
  take(signal: AbortSignal, leaves: (until: number) => boolean): Promise<boolean>;
  free(): void;
}

/** Chunks of one request that are given back, because their calls would have to wait too long. */
export class Postponement {
  /** When the chunks should come again, in milliseconds since the epoch; `null`: none is given back. */
  at: number | null = null;
}

/** The longest that a function waits for the next call of a chunk. */
const MAX_WAIT_MS = 2000;
/** For the first call of a chunk that was given back before: others may still use up the limit. */
const MAX_FIRST_WAIT_MS = 100;

/** Where the chunk of a gate can be given back. */
export interface GivingBack {
  readonly postponement: Postponement;
  /** What is done of the chunk counts, and only the rest is given back. */
  readonly divides: boolean;
  /** The chunk was given back before. */
  readonly cameBack: boolean;
}

export interface LimitedGateOptions {
  readonly tokens: CallTokens | null;
  readonly inFlight: InFlight | null;
  readonly adaptive: AdaptiveCalls | null;
  /** `null`: items wait as long as it takes. */
  readonly givingBack: GivingBack | null;
  readonly now: () => number;
}

export class LimitedGate implements ItemGate {
  readonly #options: LimitedGateOptions;
  #begun = false;
  /** Since when no call was admitted; `null`: no item has waited yet. */
  #since: number | null = null;
  /** The chunk of this gate, or its rest, is given back. */
  isPostponed = false;
  #isHeldTogether = false;
  returnsAt = 0;

  constructor(options: LimitedGateOptions) {
    this.#options = options;
  }

  async admit(signal: AbortSignal): Promise<boolean> {
    const { tokens, inFlight, adaptive, now } = this.#options;
    this.#since ??= now();
    const leaves = (until: number): boolean => this.#leaves(until);
    if (inFlight && !(await inFlight.take(signal, leaves))) return false;
    if (adaptive && !(await adaptive.take(signal))) {
      inFlight?.free();
      return false;
    }
    // Last of all: a call of a rate limit has a time of its own.
    const mayCall = !this.isPostponed && (tokens === null || (await tokens.take(signal, leaves)));
    // While this item waited, another one may have given the chunk back.
    if (!mayCall || this.isPostponed) {
      inFlight?.free();
      adaptive?.giveUp();
      return false;
    }
    this.#begun = true;
    this.#since = now();
    return true;
  }

  leave(thrown?: unknown): void {
    const { inFlight, adaptive, now } = this.#options;
    inFlight?.free();
    adaptive?.end(thrown !== undefined && isRefusal(thrown, now()));
  }

  pause(ms: number): void {
    this.#options.tokens?.pause(ms);
  }

  /** The chunk of this gate turned out not to be divisible. */
  holdTogether(): void {
    this.#isHeldTogether = true;
  }

  #leaves(until: number): boolean {
    const { givingBack } = this.#options;
    if (this.isPostponed) return true;
    if (!givingBack) return false;
    const divides = givingBack.divides && !this.#isHeldTogether;
    if (this.#begun && !divides) return false;
    const longest = givingBack.cameBack && !this.#begun ? MAX_FIRST_WAIT_MS : MAX_WAIT_MS;
    if (until - (this.#since ?? until) <= longest) return false;
    // By then the calls are due that are given away from `until` on.
    this.returnsAt = until + AHEAD_MS;
    const { postponement } = givingBack;
    postponement.at = Math.max(postponement.at ?? 0, this.returnsAt);
    return (this.isPostponed = true);
  }
}
