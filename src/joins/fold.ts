import type { Json } from "../core/json.ts";
import { callable } from "./callable.ts";
import type { CallableJoin } from "./callable.ts";

/** A join of the user's own. */
export interface FoldSpec<Value, Acc> {
  /**
   * A new accumulator: JSON data (no `undefined`, `NaN`, `Infinity`, `-0`, dates or maps), because it travels
   * between machines.
   */
  init(): Acc;
  /**
   * The accumulator with one more value. It may change and return `acc`, but must not throw once it has
   * changed it: check first.
   */
  add(acc: Acc, value: Value): Acc;
  /**
   * Two neighbours as one: `left` covers what comes before `right` in the input. It need not be commutative,
   * but has to be associative, and `merge(fold(a), fold(b))` has to equal `fold(a then b)`. It may change and
   * return `left`.
   */
  merge(left: Acc, right: Acc): Acc;
}

/** A join of your own; `finish` turns the last accumulator into the result (left out: it is the result). */
export function fold<Value, Acc>(
  spec: FoldSpec<Value, Acc> & { finish?: undefined },
): CallableJoin<Value, Acc>;
export function fold<Value, Acc, Result>(
  spec: FoldSpec<Value, Acc> & { finish(acc: Acc): Result },
): CallableJoin<Value, Result>;
export function fold<Value, Acc, Result>(
  spec: FoldSpec<Value, Acc> & { finish?: ((acc: Acc) => Result) | undefined },
): CallableJoin<Value, Acc | Result> {
  return callable<Value, Acc | Result, Acc, Value>({
    init: () => spec.init(),
    prepare: (value) => value,
    add: (acc, value) => spec.add(acc, value),
    merge: (left, right) => spec.merge(left, right),
    finish: (acc) => (spec.finish === undefined ? acc : spec.finish(acc)),
    // The border to the user's data: that it is JSON is the contract of `init`, and what is not fails when it
    // is written.
    encode: (acc) => acc as Json,
    decode: (json) => json as Acc,
    outputs: false,
  });
}
