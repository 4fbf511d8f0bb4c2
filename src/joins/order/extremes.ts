import { callable } from "../callable.ts";
import type { CallableJoin } from "../callable.ts";
import { NumberColumn } from "../groups/number-column.ts";
import { numberOf } from "../selector.ts";
import type { Selector } from "../selector.ts";

type Choose = (a: number, b: number) => number;

/** The smallest number; `null` without items. For text use `bottom(1)`, or `minBy(…)` for a whole value. */
export function min(): CallableJoin<number, number | null>;
export function min<Value>(selector: Selector<Value>): CallableJoin<Value, number | null>;
export function min<Value>(selector?: Selector<Value>): CallableJoin<Value, number | null> {
  return extreme(numberOf("min", selector), (a, b) => (b < a ? b : a));
}

/** The largest number; `null` without items. For text use `top(1)`, or `maxBy(…)` for a whole value. */
export function max(): CallableJoin<number, number | null>;
export function max<Value>(selector: Selector<Value>): CallableJoin<Value, number | null>;
export function max<Value>(selector?: Selector<Value>): CallableJoin<Value, number | null> {
  return extreme(numberOf("max", selector), (a, b) => (b > a ? b : a));
}

function extreme<Value>(
  prepare: (value: Value) => number,
  choose: Choose,
): CallableJoin<Value, number | null> {
  return callable({
    init: (): number | null => null,
    prepare,
    add: (acc: number | null, value: number) => (acc === null ? value : choose(acc, value)),
    merge(left, right) {
      if (left === null || right === null) return left ?? right;
      return choose(left, right);
    },
    finish: (acc) => acc,
    encode: (acc) => acc,
    decode: (json) => (json === null ? null : Number(json)),
    outputs: false,
    column: () => new NumberColumn(choose),
  });
}
