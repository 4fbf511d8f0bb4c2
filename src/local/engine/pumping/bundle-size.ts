/**
 * The number of chunks that travel to a thread together: enough to pay for the message and the commit, few
 * enough to share the work among the threads.
 */
import { FAN_IN } from "../../../core/records/tree.ts";
import type { Totals } from "../../../core/records/totals.ts";

/** The intended duration of a bundle. */
const TARGET_MS = 8;
/** Larger ones gain nothing: measured with `bench chunks`. */
const MOST = 100;
/** The weight of the newest bundle in the average. */
const WEIGHT = 0.3;

export class BundleSize {
  #msPerChunk: number | null = null;

  learn({ chunks, ms }: Totals): void {
    if (chunks === 0) return;
    const newest = ms / chunks;
    this.#msPerChunk = this.#msPerChunk === null ? newest : this.#msPerChunk * (1 - WEIGHT) + newest * WEIGHT;
  }

  /** `null` before a chunk has settled. */
  get msPerChunk(): number | null {
    return this.#msPerChunk;
  }

  /** Chunks in a bundle, by their duration alone. */
  get chunks(): number {
    if (this.#msPerChunk === null) return 1;
    return Math.max(1, Math.min(MOST, Math.floor(TARGET_MS / Math.max(this.#msPerChunk, 0.001))));
  }

  /**
   * Chunks in a bundle that begins with the chunk `first`, when `threads` threads share `waiting` chunks. No
   * bundle reaches into the next leaf of the tree: it would be settled in both, and both would have its body
   * to merge. The last two bundles of a leaf are equally large.
   */
  for(waiting: number, threads: number, first: number): number {
    const most = Math.max(1, Math.min(this.chunks, Math.ceil(waiting / threads)));
    const left = FAN_IN - (first % FAN_IN);
    if (left <= most) return left;
    return left < 2 * most ? Math.ceil(left / 2) : most;
  }
}
