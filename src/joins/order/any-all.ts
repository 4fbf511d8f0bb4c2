import { callable } from "../callable.ts";
import type { CallableJoin } from "../callable.ts";
import { truthOf } from "../predicate.ts";
import type { Predicate } from "../predicate.ts";

/** Whether the predicate is `true` for any value; `false` without items. Booleans need no predicate. */
export function any(): CallableJoin<boolean, boolean>;
export function any<Value>(predicate: Predicate<Value>): CallableJoin<Value, boolean>;
export function any<Value>(predicate?: Predicate<Value>): CallableJoin<Value, boolean> {
  return deciding(truthOf("any", predicate), true);
}

/** Whether the predicate is `true` for all values; `true` without items. Booleans need no predicate. */
export function all(): CallableJoin<boolean, boolean>;
export function all<Value>(predicate: Predicate<Value>): CallableJoin<Value, boolean>;
export function all<Value>(predicate?: Predicate<Value>): CallableJoin<Value, boolean> {
  return deciding(truthOf("all", predicate), false);
}

/** One value that is `decisive` decides. */
function deciding<Value>(
  prepare: (value: Value) => boolean,
  decisive: boolean,
): CallableJoin<Value, boolean> {
  const choose = (left: boolean, right: boolean): boolean => (left === decisive ? left : right);
  return callable({
    init: () => !decisive,
    prepare,
    add: (acc: boolean, value: boolean) => choose(acc, value),
    merge: choose,
    finish: (acc) => acc,
    encode: (acc) => acc,
    decode: (json) => json === true,
    outputs: false,
  });
}
