/** A join: an ordered, associative fold whose accumulator can be written as JSON between any two steps. */
import type { Json } from "../core/json/json.ts";
import type { Column } from "./groups/column.ts";
import type { InputPlace } from "./place.ts";
import type { KeyedOutputs } from "./keyed-outputs.ts";

/**
 * Folds the values that `process` returned, in input order.
 *
 * - `init`, `prepare` and `add` run for the items of a chunk: `add(init(), prepare(value), place)` and so on.
 * - `merge` runs for neighbours. It has to be associative. Order is kept, so it need not be commutative.
 * - `finish` runs once, at the end.
 *
 * The result may not depend on where the input is cut: any two cuts of the same items give the same bytes.
 *
 * `prepare` may refuse a value by throwing. It does not touch the accumulator, so one bad value costs one
 * item. The next `add` consumes a prepared value before another one is prepared, so `prepare` may return the
 * same scratch object every time. `add` and `merge` may change and return their first argument. `merge` may
 * also move parts of its second argument into the first, so neither is used again.
 */
export interface Join<Value, Result, Acc = unknown, Prepared = unknown> {
  init(): Acc;
  prepare(value: Value): Prepared;
  /** `place` is that of the item, if the join is `placed`; else it may be any. */
  add(acc: Acc, prepared: Prepared, place: InputPlace): Acc;
  merge(left: Acc, right: Acc): Acc;
  finish(acc: Acc): Result;
  /** The accumulator as JSON, and back. */
  encode(acc: Acc): Json;
  decode(json: Json): Acc;
  /** Whether the values are also written to the batch's outputs, as `collect` does. */
  readonly outputs: boolean;
  /** With `outputs`: each element of an array that `process` returned is an output of its own. */
  readonly flat?: boolean | undefined;
  /** With `outputs`: they are written to a file for each key. */
  readonly keyed?: KeyedOutputs | undefined;
  /** Whether `add` needs the item's place: it costs time to find. Absent: no. */
  readonly placed?: boolean | undefined;
  /** For joins with many groups. Absent: the accumulator is small. */
  readonly large?: LargeJoin<Acc> | undefined;
  /** Many accumulators of this join, one for each group. Absent: they are kept one by one. */
  column?(): Column<Prepared>;
  /**
   * A method of joins by groups. It is declared here, because TypeScript takes a member that no join has for
   * a name in an object of joins.
   */
  readonly orderBy?: unknown;
}

/** What a join can do beside the rest where its accumulator may be large. */
export interface LargeJoin<Acc> {
  /** How many groups the accumulator holds. */
  groups(acc: Acc): number;
  /** `merge(acc, decode(json))`, without an accumulator of its own for `json`. */
  mergeEncoded(acc: Acc, json: Json): Acc;
  /**
   * The accumulator in blocks, as JSON texts of about `chars` characters. `decode` reads each of them, and
   * merged in their order they are the accumulator.
   */
  blocks(acc: Acc, chars: number): Iterable<string>;
  /** How many of them are in the result. */
  resultGroups(acc: Acc): number;
  /**
   * `JSON.stringify(finish(acc))` in parts. Throws as `finish` does, and `TypeError` where JSON would change
   * the result. `path`: where it stands in the whole result.
   */
  resultText(acc: Acc, path: string): Iterable<string>;
}
