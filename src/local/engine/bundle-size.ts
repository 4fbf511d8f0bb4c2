/**
 * How many chunks travel to a thread together: enough to pay for the message and the commit, few enough to
 * share the work out.
 */
import type { Totals } from "../../core/records/tree.ts";

/** What a bundle should take. */
const TARGET_MS = 8;
/** Larger ones gain nothing: measured with `bench chunks`. */
const MOST = 100;
/** How much the newest bundle weighs in the average. */
const WEIGHT = 0.3;

export class BundleSize {
  #msPerChunk: number | null = null;

  learn({ chunks, ms }: Totals): void {
    if (chunks === 0) return;
    const newest = ms / chunks;
    this.#msPerChunk = this.#msPerChunk === null ? newest : this.#msPerChunk * (1 - WEIGHT) + newest * WEIGHT;
  }

  /** Chunks in a bundle, as far as their duration goes. */
  get chunks(): number {
    if (this.#msPerChunk === null) return 1;
    return Math.max(1, Math.min(MOST, Math.floor(TARGET_MS / Math.max(this.#msPerChunk, 0.001))));
  }

  /** The same, when `waiting` chunks are to be shared by `threads` threads. */
  for(waiting: number, threads: number): number {
    return Math.max(1, Math.min(this.chunks, Math.ceil(waiting / threads)));
  }
}
