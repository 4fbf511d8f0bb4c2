import { invalid, show } from "../../option-check.ts";
import { callable } from "../callable.ts";
import type { CallableJoin } from "../callable.ts";
import { numberOf } from "../selector.ts";
import type { Selector } from "../selector.ts";

const MOST_EDGES = 10_001;

/** How many numbers lie between neighbouring edges. */
export interface Histogram {
  readonly edges: readonly number[];
  /** `counts[i]`: from `edges[i]` on, below `edges[i + 1]`; the last one takes its upper edge in. */
  readonly counts: readonly number[];
  /** Below the first edge, and above the last one. */
  readonly below: number;
  readonly above: number;
}

/**
 * Counts numbers between ascending edges: `histogram([0, 10, 100])` has the bins `0 ≤ x < 10` and
 * `10 ≤ x ≤ 100`, and counts those outside. Throws `JOB_INVALID` for edges that do not ascend.
 */
export function histogram(edges: readonly number[]): CallableJoin<number, Histogram>;
export function histogram<Value>(
  edges: readonly number[],
  selector: Selector<Value>,
): CallableJoin<Value, Histogram>;
export function histogram<Value>(
  edges: readonly number[],
  selector?: Selector<Value>,
): CallableJoin<Value, Histogram> {
  const sorted = checked(edges);
  return callable({
    /** Below, the bins, above. */
    init: () => Array.from({ length: sorted.length + 1 }, () => 0),
    prepare: numberOf("histogram", selector),
    add(acc: number[], value: number) {
      const bin = binOf(sorted, value);
      acc[bin] = (acc[bin] ?? 0) + 1;
      return acc;
    },
    merge(left, right) {
      right.forEach((n, bin) => (left[bin] = (left[bin] ?? 0) + n));
      return left;
    },
    finish: (acc): Histogram => ({
      edges: sorted,
      counts: acc.slice(1, -1),
      below: acc[0] ?? 0,
      above: acc.at(-1) ?? 0,
    }),
    encode: (acc) => acc,
    decode: (json) => (json as readonly number[]).slice(),
    outputs: false,
  });
}

/** The number of edges up to `value`; the last edge belongs to the bin below it. */
function binOf(edges: readonly number[], value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((edges[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low === edges.length && value === edges.at(-1) ? low - 1 : low;
}

function checked(edges: readonly number[]): readonly number[] {
  const given: unknown = edges;
  if (areEdges(given)) return Object.freeze(given.map((edge) => edge + 0));
  throw invalid(
    `the edges of histogram() have to be 2 to ${MOST_EDGES} numbers in ascending order, but are ${show(given)}: histogram([0, 10, 100], row => row.ms).`,
  );
}

function areEdges(given: unknown): given is readonly number[] {
  if (!Array.isArray(given) || given.length < 2 || given.length > MOST_EDGES) return false;
  const edges: readonly unknown[] = given;
  return edges.every((edge, at) => {
    const before = edges[at - 1];
    return (
      typeof edge === "number" && Number.isFinite(edge) && !(typeof before === "number" && edge <= before)
    );
  });
}
