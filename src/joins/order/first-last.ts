import { callable } from "../callable.ts";
import type { CallableJoin } from "../callable.ts";
import { checkKept } from "./kept-value.ts";

/** The value of the first item that succeeded, in input order; `null` without items. */
export function first<Value>(): CallableJoin<Value, Value | null>;
export function first<Value, Kept>(selector: (value: Value) => Kept): CallableJoin<Value, Kept | null>;
export function first<Value>(selector?: (value: Value) => unknown): CallableJoin<Value, unknown> {
  return edge("first", selector, (left) => left);
}

/** The value of the last item that succeeded, in input order; `null` without items. */
export function last<Value>(): CallableJoin<Value, Value | null>;
export function last<Value, Kept>(selector: (value: Value) => Kept): CallableJoin<Value, Kept | null>;
export function last<Value>(selector?: (value: Value) => unknown): CallableJoin<Value, unknown> {
  return edge("last", selector, (_, right) => right);
}

/** Keeps JSON text; `null` without items. */
function edge<Value>(
  name: string,
  selector: ((value: Value) => unknown) | undefined,
  choose: <One>(left: One, right: One) => One,
): CallableJoin<Value, unknown> {
  return callable({
    init: (): string | null => null,
    prepare(value) {
      const kept: unknown = selector === undefined ? value : selector(value);
      checkKept(name, kept);
      return kept;
    },
    add: (acc: string | null, kept) => (acc !== null && choose(true, false) ? acc : JSON.stringify(kept)),
    merge: (left, right) => (left === null || right === null ? (left ?? right) : choose(left, right)),
    finish: (acc): unknown => (acc === null ? null : JSON.parse(acc)),
    encode: (acc) => acc,
    decode: (json) => (typeof json === "string" ? json : null),
    outputs: false,
  });
}
