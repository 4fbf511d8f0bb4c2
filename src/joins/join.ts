/**
 * What a join is: an ordered, associative fold whose accumulator can be written as JSON between the steps.
 */
import type { Json } from "../core/json.ts";

/**
 * Folds what `process` returned, in input order.
 *
 * `add(init(), prepare(value))` for every item of a chunk, `merge(left, right)` of neighbours (associative;
 * order is kept, so it need not be commutative), `finish` once at the end. `prepare` is where a value may be
 * refused (by throwing): it must not change the accumulator, so that one bad value costs one item. A prepared
 * value is consumed by the next `add`: nothing is prepared in between, so that a join may hand out the same
 * scratch object every time. `add` and `merge` may reuse and return their first argument; `merge` may also
 * move parts of its second into it, so neither is used again.
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
  /** `process`'s values are also written to the batch's ordered outputs (`collect`). */
  readonly outputs: boolean;
}
