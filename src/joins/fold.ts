import type { Json } from "../core/json.ts";
import { callable } from "./callable.ts";
import type { CallableJoin } from "./callable.ts";

/** The functions of a fold that a user writes. */
export interface FoldSpec<Value, Acc> {
  /**
   * Makes a new accumulator. It has to be JSON data (no `undefined`, `NaN`, `Infinity`, `-0`, dates or maps),
   * because it travels between machines.
   */
  init(): Acc;
  /**
   * Adds one value. It may change `acc` and return it. It must not throw after it has changed `acc`, so check
   * the value first.
   */
  add(acc: Acc, value: Value): Acc;
  /**
   * Merges two neighbours: the items of `left` come before the items of `right` in the input. It has to be
   * associative, but need not be commutative; `merge(fold(a), fold(b))` has to equal `fold(a then b)`. It may
   * change `left` and return it.
   */
  merge(left: Acc, right: Acc): Acc;
}

/** A join of your own. `finish` makes the result of the last accumulator; without it, that is the result. */
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
    // The contract of `init` says that the accumulator is JSON. Anything else fails when it is written.
    encode: (acc) => acc as Json,
    decode: (json) => json as Acc,
    outputs: false,
  });
}
