/**
 * A thread may have several chunks open at once: their marks are drawn in rows of their own, as far as they
 * overlap.
 */

/** Rows of one thread. What overlaps even so is drawn over one another. */
const MAX_ROWS = 4;

export class LaneRows {
  readonly #overlap: boolean;
  /** By lane: when the last mark of each row ends. */
  readonly #ends = new Map<string, number[]>();

  /** `overlap`: the chunks of a batch share their threads. */
  constructor(overlap: boolean) {
    this.#overlap = overlap;
  }

  /** The name of the row of a mark. */
  of(lane: string, from: number, to: number): string {
    if (!this.#overlap) return lane;
    const ends = this.#ends.get(lane) ?? [];
    this.#ends.set(lane, ends);
    const free = ends.findIndex((end) => end <= from);
    const row = free >= 0 ? free : ends.length < MAX_ROWS ? ends.length : ends.indexOf(Math.min(...ends));
    ends[row] = to;
    return row === 0 ? lane : `${lane}, row ${row + 1}`;
  }
}
