import type { Json } from "../core/json/json.ts";
import { callable } from "./callable.ts";
import type { CallableJoin } from "./callable.ts";
import { ExactSum } from "./exact-sum.ts";
import { numberOf } from "./selector.ts";
import type { Selector } from "./selector.ts";
import { withinRange } from "./sum.ts";

interface Mean {
  readonly sum: ExactSum;
  count: number;
}

/**
 * The arithmetic mean: the exact sum, divided by the count. It does not depend on how the items are chunked.
 * `null` without items.
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
    finish: ({ sum, count }) => (count === 0 ? null : withinRange(sum.value()) / count),
    encode: ({ sum, count }) => [count, sum.toJSON()],
    decode(json) {
      const [count, sum] = json as readonly [number, Json];
      return { sum: ExactSum.from(sum), count };
    },
    outputs: false,
  });
}
