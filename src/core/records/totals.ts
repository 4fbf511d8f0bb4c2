/** What chunks and subtrees come to, as numbers that add up. */

/**
 * The counts of a chunk or a subtree. `units` are in the reader's unit (bytes or items), `ms` is work time.
 */
export interface Totals {
  readonly chunks: number;
  /** Chunks that were left out by a seal. */
  readonly lost: number;
  /** Chunks that were given up as a whole. */
  readonly broken: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly units: number;
  readonly ms: number;
  /** Damaged sources of which items that count are in doubt. Absent: none. */
  readonly damaged?: number;
  /** What was spent on a stack, see `spent.ts`. Absent: nothing. */
  readonly mbs?: number;
  readonly fees?: number;
}

type Rare = Pick<Totals, "damaged" | "mbs" | "fees">;

export const NO_TOTALS: Totals = {
  chunks: 0,
  lost: 0,
  broken: 0,
  succeeded: 0,
  failed: 0,
  units: 0,
  ms: 0,
};

export function addTotals(a: Totals, b: Totals): Totals {
  const sum = {
    chunks: a.chunks + b.chunks,
    lost: a.lost + b.lost,
    broken: a.broken + b.broken,
    succeeded: a.succeeded + b.succeeded,
    failed: a.failed + b.failed,
    units: a.units + b.units,
    ms: a.ms + b.ms,
  };
  return withRare(sum, a, b, 1);
}

/** The totals of many chunks together, without an object for each: they are added up for every bundle. */
export function sumTotals(all: readonly { readonly totals: Totals }[]): Totals {
  const sum = { ...NO_TOTALS };
  const rare = { damaged: 0, mbs: 0, fees: 0 };
  for (const { totals } of all) {
    sum.chunks += totals.chunks;
    sum.lost += totals.lost;
    sum.broken += totals.broken;
    sum.succeeded += totals.succeeded;
    sum.failed += totals.failed;
    sum.units += totals.units;
    sum.ms += totals.ms;
    if (hasNone(totals)) continue;
    for (const name of RARE) rare[name] += totals[name] ?? 0;
  }
  return withRare(sum, rare, {}, 1);
}

/** Items that ran. In a redrive totals are differences: a failed item that succeeds now is one that ran. */
export function itemsDone({ succeeded, failed }: Pick<Totals, "succeeded" | "failed">): number {
  return Math.max(0, succeeded, succeeded + failed);
}

/** Totals are made for every chunk, and hardly any source is damaged: such a literal needs no spread. */
export function withDamaged(totals: Totals, damaged: number): Totals {
  return damaged === 0 ? totals : { ...totals, damaged };
}

const RARE = ["damaged", "mbs", "fees"] as const satisfies readonly (keyof Rare)[];

/** The same with what `a` and `b` have together of the rest, which most totals lack on one machine. */
export function withRare(totals: Totals, a: Rare, b: Rare, sign: 1 | -1): Totals {
  // Asked for every chunk, of which hardly any has one of them.
  if (hasNone(a) && hasNone(b)) return totals;
  let sum = totals;
  for (const name of RARE) {
    const value = (a[name] ?? 0) + sign * (b[name] ?? 0);
    if (value !== 0) sum = { ...sum, [name]: value };
  }
  return sum;
}

function hasNone({ damaged, mbs, fees }: Rare): boolean {
  return !damaged && !mbs && !fees;
}

export function subtractTotals(a: Totals, b: Totals): Totals {
  const difference = {
    chunks: a.chunks - b.chunks,
    lost: a.lost - b.lost,
    broken: a.broken - b.broken,
    succeeded: a.succeeded - b.succeeded,
    failed: a.failed - b.failed,
    units: a.units - b.units,
    ms: a.ms - b.ms,
  };
  return withRare(difference, a, b, -1);
}
