/** A join: an ordered, associative fold whose accumulator can be written as JSON between any two steps. */
import type { Json } from "../core/json/json.ts";

/**
 * Folds the values that `process` returned, in input order.
 *
 * - `init`, `prepare` and `add` run for the items of a chunk: `add(init(), prepare(value))`, and so on.
 * - `merge` runs for neighbours. It has to be associative. Order is kept, so it need not be commutative.
 * - `finish` runs once, at the end.
 *
 * `prepare` may refuse a value by throwing. It does not touch the accumulator, so one bad value costs one
 * item. The next `add` consumes a prepared value before another one is prepared, so `prepare` may return the
 * same scratch object every time. `add` and `merge` may change and return their first argument. `merge` may
 * also move parts of its second argument into the first, so neither is used again.
 */
export interface Join<Value, Result, Acc = unknown, Prepared = unknown> {
  init(): Acc;
  prepare(value: Value): Prepared;
  add(acc: Acc, prepared: Prepared): Acc;
  merge(left: Acc, right: Acc): Acc;
  finish(acc: Acc): Result;
  /** The accumulator as JSON, and back. */
  encode(acc: Acc): Json;
  decode(json: Json): Acc;
  /** Whether the values are also written to the batch's outputs, as `collect` does. */
  readonly outputs: boolean;
  /** With `outputs`: each element of an array that `process` returned is an output of its own. */
  readonly flat?: boolean | undefined;
}
