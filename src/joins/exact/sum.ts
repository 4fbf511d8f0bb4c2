import { callable } from "../callable.ts";
import type { CallableJoin } from "../callable.ts";
import { ExactSum } from "./exact-sum.ts";
import { numberOf } from "../selector.ts";
import type { Selector } from "../selector.ts";
import { SumColumn } from "./sum-column.ts";
import { withinRange } from "./within-range.ts";

/**
 * The exact sum, rounded once at the end (`0.1` ten times is `1`). It does not depend on how the items are
 * chunked. `0` without items. A value that is not a finite number fails its item. A sum beyond the largest
 * double fails the batch (`MERGE_FAILED`).
 */
export function sum(): CallableJoin<number, number>;
export function sum<Value>(selector: Selector<Value>): CallableJoin<Value, number>;
export function sum<Value>(selector?: Selector<Value>): CallableJoin<Value, number> {
  return callable({
    init: () => new ExactSum(),
    prepare: numberOf("sum", selector),
    add(acc, value: number) {
      acc.add(value);
      return acc;
    },
    merge(left, right) {
      left.addSum(right);
      return left;
    },
    finish: (acc) => withinRange(acc.value()),
    encode: (acc) => acc.toJSON(),
    decode: (json) => ExactSum.from(json),
    outputs: false,
    column: () => new SumColumn(),
  });
}
