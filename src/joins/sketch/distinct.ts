import type { Json } from "../../core/json/json.ts";
import { callable } from "../callable.ts";
import type { CallableJoin } from "../callable.ts";
import { keyValue } from "../group-key.ts";
import type { GroupKey } from "../group-key.ts";
import { DistinctValues } from "./distinct-values.ts";

/** How many different values there were. */
export interface Distinct {
  readonly count: number;
  /** Whether `count` is exact. If not, it is an estimate. */
  readonly exact: boolean;
  /** The standard error of the estimate, relative to `count`; 0 if it is exact. */
  readonly error: number;
}

/**
 * Counts different values: texts, finite numbers, booleans, or arrays of them; `1` and `"1"` differ. Up to
 * 10,000 values, of 256 Ki characters together, are held and counted exactly. Beyond that the result is the
 * estimate of a HyperLogLog with a standard error of 0.81 %. Which of the two it is follows from the values
 * alone.
 */
export function distinct(): CallableJoin<GroupKey, Distinct>;
export function distinct<Value>(selector: (value: Value) => GroupKey): CallableJoin<Value, Distinct>;
export function distinct<Value>(selector?: (value: Value) => GroupKey): CallableJoin<Value, Distinct> {
  return callable({
    init: () => new DistinctValues(),
    prepare(value) {
      const selected: unknown = selector === undefined ? value : selector(value);
      return keyValue("distinct", selected, value);
    },
    add(acc: DistinctValues, value) {
      acc.add(value);
      return acc;
    },
    merge(left, right) {
      left.merge(right);
      return left;
    },
    finish: (acc) => acc.result(),
    encode: (acc) => acc.toJSON(),
    decode: (json: Json) => DistinctValues.from(json),
    outputs: false,
  });
}
