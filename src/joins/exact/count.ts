import { callable } from "../callable.ts";
import type { CallableJoin } from "../callable.ts";
import { invalid } from "../../option-check.ts";
import { NumberColumn } from "../groups/number-column.ts";
import type { Join } from "../join.ts";
import { keyedOutputs } from "../keyed-outputs.ts";
import type { CollectByOptions, KeyedOutputs } from "../keyed-outputs.ts";
import { truthOf } from "../predicate.ts";
import type { Predicate } from "../predicate.ts";
import { valueText } from "../selector.ts";

/** Counts the items that succeeded. */
export function count(): CallableJoin<unknown, number> {
  return counting(() => 1);
}

/**
 * Counts the values for which the predicate is `true`. A predicate that returns something other than `true`
 * or `false` fails the item.
 */
export function countIf<Value>(predicate: Predicate<Value>): CallableJoin<Value, number> {
  const isTrue = truthOf("countIf", predicate);
  return counting((value: Value) => (isTrue(value) ? 1 : 0));
}

/**
 * Keeps every value. The values that `process` returned are written to the batch's `outputs.jsonl`, in input
 * order; there may be any number of them. The result itself is only their number. JSON has to be able to hold
 * a value; return `drop` to leave an item out. With `flat`, `process` returns arrays, and each element is an
 * output of its own.
 */
export function collect(): CallableJoin<unknown, number>;
export function collect(options: { readonly flat: true }): CallableJoin<readonly unknown[], number>;
/**
 * With `by`, the values go to a file for each key: `outputs/country=norway.csv`, each in input order, of at
 * most 10,000 keys. `outputs.jsonl` then lists the files. Throws `JOB_INVALID`.
 */
export function collect<Value = never>(options: CollectByOptions<Value>): CallableJoin<Value, number>;
export function collect<Value = never>(
  options: CollectByOptions<Value> & { readonly flat: true },
): CallableJoin<readonly Value[], number>;
export function collect(
  options: { readonly flat?: boolean } & Partial<CollectByOptions<never>> = {},
): CallableJoin<never, number> {
  const { flat = false, by } = options;
  if (by !== undefined) return collectingByKey(keyedOutputs(options), flat);
  const others = Object.keys(options).filter((name) => name !== "flat" && name !== "by");
  if (others.length > 0)
    throw invalid(`collect() has ${others.join(", ")} only with by: outputs in files by key.`);
  return counting(flat ? lengthOf : () => 1, { outputs: true, flat });
}

/** Values without a key are refused: their items fail. */
function collectingByKey(keyed: KeyedOutputs, flat: boolean): CallableJoin<never, number> {
  const countOf = (value: unknown): number => {
    const values: readonly unknown[] = flat && lengthOf(value) >= 0 ? (value as readonly unknown[]) : [value];
    for (const one of values) keyed.keyOf(one);
    return values.length;
  };
  return counting(countOf, { outputs: true, flat, keyed });
}

/** Throws `TypeError`: the item then fails. */
function lengthOf(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  throw new TypeError(`collect({ flat: true }) takes arrays, but process returned ${valueText(value)}`);
}

function counting<Value>(
  prepare: (value: Value) => number,
  {
    outputs = false,
    flat = false,
    keyed,
  }: Partial<Pick<Join<Value, number>, "outputs" | "flat" | "keyed">> = {},
): CallableJoin<Value, number> {
  return callable({
    init: () => 0,
    prepare,
    add: plus,
    merge: plus,
    finish: (acc) => acc,
    encode: (acc) => acc,
    decode: Number,
    outputs,
    flat,
    column: () => new NumberColumn(plus),
    keyed,
  });
}

function plus(left: number, right: number): number {
  return left + right;
}
