import type { Json } from "../../core/json/json.ts";
import { callable } from "../callable.ts";
import type { CallableJoin } from "../callable.ts";
import { ExactSum } from "./exact-sum.ts";
import { numberOf } from "../selector.ts";
import type { Selector } from "../selector.ts";
import { NumberColumn } from "../groups/number-column.ts";
import { SumColumn } from "./sum-column.ts";
import type { Column } from "../groups/column.ts";

interface Mean {
  readonly sum: ExactSum;
  count: number;
}

/**
 * The arithmetic mean: the exact sum divided by the count, rounded once. It does not depend on how the items
 * are chunked, and no sum overflows on the way. `null` without items.
 */
export function mean(): CallableJoin<number, number | null>;
export function mean<Value>(selector: Selector<Value>): CallableJoin<Value, number | null>;
export function mean<Value>(selector?: Selector<Value>): CallableJoin<Value, number | null> {
  return callable({
    init: (): Mean => ({ sum: new ExactSum(), count: 0 }),
    prepare: numberOf("mean", selector),
    add(acc: Mean, value: number) {
      acc.sum.add(value);
      acc.count += 1;
      return acc;
    },
    merge(left, right) {
      left.sum.addSum(right.sum);
      left.count += right.count;
      return left;
    },
    finish: ({ sum, count }) => (count === 0 ? null : sum.dividedBy(count) + 0),
    encode: ({ sum, count }) => [count, sum.toJSON()],
    decode(json) {
      const [count, sum] = json as readonly [number, Json];
      return { sum: ExactSum.from(sum), count };
    },
    outputs: false,
    column: () => new MeanColumn(),
  });
}

/** Means of many groups. */
class MeanColumn implements Column<number> {
  readonly #sums = new SumColumn();
  readonly #counts = new NumberColumn((left, right) => left + right);

  add(at: number, value: number): void {
    this.#sums.add(at, value);
    this.#counts.add(at, 1);
  }

  merge(at: number, other: MeanColumn, from: number): void {
    this.#sums.merge(at, other.#sums, from);
    this.#counts.merge(at, other.#counts, from);
  }

  mergeEncoded(at: number, json: Json): void {
    const [count, sum] = json as readonly [number, Json];
    this.#counts.add(at, count);
    this.#sums.mergeEncoded(at, sum);
  }

  encode(at: number): Json {
    return [this.#counts.encode(at), this.#sums.encode(at)];
  }

  encodeRange(from: number, to: number): Json {
    return [this.#counts.encodeRange(from, to), this.#sums.encodeRange(from, to)];
  }

  mergeRange(ats: readonly number[], json: Json): void {
    const [counts, sums] = json as readonly [Json, Json];
    this.#counts.mergeRange(ats, counts);
    this.#sums.mergeRange(ats, sums);
  }

  /** A group has an item at least. */
  finish(at: number): number {
    return this.#sums.sum(at).dividedBy(this.#counts.finish(at)) + 0;
  }
}
