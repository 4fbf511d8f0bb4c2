/**
 * Whose chunks run next where several batches wait: those of the highest priority, and among equals those of
 * the batch that has had the least time since it began to wait (start-time fair queueing,
 * https://dl.acm.org/doi/10.1145/248157.248171).
 */
import { FAN_IN } from "../../../core/records/tree.ts";
import type { Totals } from "../../../core/records/totals.ts";
import { BundleSize } from "./bundle-size.ts";

/** What a chunk is taken for before one of its batch has settled. */
const UNKNOWN_MS = 10;

interface Share {
  readonly size: BundleSize;
  /** The time that the batch was given, counted from where the others were when it began to wait. */
  ms: number;
  /** The chunk after the last one that was taken: usually that of the next bundle. */
  nextChunk: number;
}

export class BatchTurns {
  readonly #priorityOf: (batch: string) => number;
  readonly #shares = new Map<string, Share>();
  #waiting: ReadonlySet<string> = new Set();
  /** Where the batch was that had the last turn. */
  #now = 0;

  /** `priorityOf`: a higher number comes first. */
  constructor(priorityOf: (batch: string) => number) {
    this.#priorityOf = priorityOf;
  }

  /** The batch whose turn it is; `null` if none waits. */
  next(waiting: readonly string[]): string | null {
    let best: string | null = null;
    for (const batch of waiting) {
      const share = this.#share(batch);
      if (!this.#waiting.has(batch)) share.ms = Math.max(share.ms, this.#now);
      if (best === null || this.#isBefore(batch, best)) best = batch;
    }
    this.#waiting = new Set(waiting);
    if (best !== null) this.#now = this.#share(best).ms;
    return best;
  }

  #isBefore(one: string, other: string): boolean {
    const difference = this.#priorityOf(one) - this.#priorityOf(other);
    return difference === 0 ? this.#share(one).ms < this.#share(other).ms : difference > 0;
  }

  /** How many chunks of the batch travel together, of `waiting` ones that `threads` threads share. */
  bundle(batch: string, waiting: number, threads: number): number {
    const { size, nextChunk } = this.#share(batch);
    return size.for(waiting, threads, nextChunk);
  }

  /** These chunks of the batch run now. */
  take(batch: string, chunks: readonly number[]): void {
    const share = this.#share(batch);
    share.ms += chunks.length * (share.size.msPerChunk ?? UNKNOWN_MS);
    share.nextChunk = (chunks.at(-1) ?? FAN_IN - 1) + 1;
  }

  learn(batch: string, settled: Totals): void {
    this.#share(batch).size.learn(settled);
  }

  sizeOf(batch: string): BundleSize {
    return this.#share(batch).size;
  }

  forget(batch: string): void {
    this.#shares.delete(batch);
  }

  #share(batch: string): Share {
    const known = this.#shares.get(batch);
    if (known) return known;
    const share = { size: new BundleSize(), ms: this.#now, nextChunk: 0 };
    this.#shares.set(batch, share);
    return share;
  }
}
