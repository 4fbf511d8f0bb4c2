/**
 * The marks that are drawn on their own where all others are in cells: bounded, and the same in any order.
 */
import { HEDGED, SPLIT, TRIED_AGAIN } from "./history.ts";
import type { Mark } from "./history.ts";

/** A merge that takes longer is unusual. */
const SLOW_MERGE_MS = 1000;
const MAX_UNUSUAL = 360;
const MAX_SLOWEST = 40;

/** From the most unusual kind on. `null`: the mark is a usual one. */
function rankOf(mark: Mark): number | null {
  const kind = mark[3];
  const flags = mark[8];
  if (kind === "broken" || kind === "lost") return 0;
  if ((flags & TRIED_AGAIN) !== 0) return 1;
  if ((flags & HEDGED) !== 0) return 2;
  if ((flags & SPLIT) !== 0) return 3;
  if (kind === "merge") return durationOf(mark) > SLOW_MERGE_MS ? 4 : null;
  return null;
}

function durationOf(mark: Mark): number {
  return (mark[2] ?? mark[1]) - mark[1];
}

/** The order of marks of one kind: the longest first, then by chunk and attempt. */
function byLength(a: Mark, b: Mark): number {
  return durationOf(b) - durationOf(a) || a[4] - b[4] || a[7] - b[7] || a[0] - b[0] || a[1] - b[1];
}

function byRank(a: Mark, b: Mark): number {
  return (rankOf(a) ?? 0) - (rankOf(b) ?? 0) || byLength(a, b);
}

/** The first of all marks in an order, at most `most` of them. */
class FirstOf {
  readonly #most: number;
  readonly #compare: (a: Mark, b: Mark) => number;
  #marks: Mark[] = [];
  /** The last one that is kept, once there are enough. */
  #last: Mark | null = null;

  constructor(most: number, compare: (a: Mark, b: Mark) => number) {
    this.#most = most;
    this.#compare = compare;
  }

  add(mark: Mark): void {
    if (this.#last !== null && this.#compare(mark, this.#last) >= 0) return;
    this.#marks.push(mark);
    if (this.#marks.length >= this.#most * 2) this.#trim();
  }

  #trim(): void {
    this.#marks = this.#marks.toSorted(this.#compare).slice(0, this.#most);
    if (this.#marks.length === this.#most) this.#last = this.#marks.at(-1) ?? null;
  }

  get marks(): readonly Mark[] {
    this.#trim();
    return this.#marks;
  }
}

export class UnusualMarks {
  readonly #unusual = new FirstOf(MAX_UNUSUAL, byRank);
  readonly #slowest = new FirstOf(MAX_SLOWEST, byLength);

  add(mark: Mark): void {
    if (rankOf(mark) !== null) this.#unusual.add(mark);
    else if (mark[3] !== "merge") this.#slowest.add(mark);
  }

  get marks(): readonly Mark[] {
    return [...this.#unusual.marks, ...this.#slowest.marks];
  }
}
