/** The gate of a batch with limits. */
import { AHEAD_MS } from "../../core/limits/rate-limit.ts";
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

/** The longest that a function waits for the first call of a chunk. */
const MAX_WAIT_MS = 2000;

export class LimitedGate implements ItemGate {
  readonly #tokens: CallTokens | null;
  readonly #inFlight: InFlight | null;
  readonly #postponement: Postponement | null;
  readonly #now: () => number;
  #begun = false;
  /** When the first item began to wait. */
  #since: number | null = null;
  /** The chunk of this gate is given back. */
  isPostponed = false;

  /** `postponement`: where chunks can be given back. */
  constructor(
    tokens: CallTokens | null,
    inFlight: InFlight | null,
    postponement: Postponement | null,
    now: () => number,
  ) {
    this.#tokens = tokens;
    this.#inFlight = inFlight;
    this.#postponement = postponement;
    this.#now = now;
  }

  async admit(signal: AbortSignal): Promise<boolean> {
    this.#since ??= this.#now();
    const leaves = (until: number): boolean => this.#leaves(until);
    if (this.#inFlight && !(await this.#inFlight.take(signal, leaves))) return false;
    const admitted = (await this.#tokens?.take(signal, leaves)) ?? true;
    if (admitted) this.#begun = true;
    else this.#inFlight?.free();
    return admitted;
  }

  leave(): void {
    this.#inFlight?.free();
  }

  pause(ms: number): void {
    this.#tokens?.pause(ms);
  }

  /** Only a chunk of which nothing has begun: it cannot be divided. */
  #leaves(until: number): boolean {
    if (this.isPostponed) return true;
    if (!this.#postponement || this.#begun) return false;
    if (until - (this.#since ?? until) <= MAX_WAIT_MS) return false;
    // By then the calls are due that are given away from `until` on.
    this.#postponement.at = Math.max(this.#postponement.at ?? 0, until + AHEAD_MS);
    return (this.isPostponed = true);
  }
}
