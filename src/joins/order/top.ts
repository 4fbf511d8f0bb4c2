import { integer, invalid, show } from "../../option-check.ts";
import type { Json } from "../../core/json/json.ts";
import { callable } from "../callable.ts";
import type { CallableJoin } from "../callable.ts";
import { checkKept } from "./kept-value.ts";
import { compareKeys, sortKeyOf } from "./order.ts";
import type { SortKey, SortSelector } from "./order.ts";

/** They are in memory for every group and at every merge. */
const MOST = 10_000;

/** A value, as JSON text, and what it is sorted by. */
type Ranked = readonly [by: SortKey, text: string];

interface Candidate {
  by: SortKey;
  value: unknown;
}

/**
 * The `n` values with the largest `by`, the largest first; of equal ones the first of the input. `by` gives a
 * finite number or a text. Numbers and texts need no `by`.
 */
export function top(n: number): CallableJoin<SortKey, SortKey[]>;
export function top<Value>(n: number, by: SortSelector<Value>): CallableJoin<Value, Value[]>;
export function top<Value>(n: number, by?: SortSelector<Value>): CallableJoin<Value, Value[]> {
  return ranking("top", n, by, -1, (kept) => kept.map(valueOf) as Value[]);
}

/** The `n` values with the smallest `by`, the smallest first; of equal ones the first of the input. */
export function bottom(n: number): CallableJoin<SortKey, SortKey[]>;
export function bottom<Value>(n: number, by: SortSelector<Value>): CallableJoin<Value, Value[]>;
export function bottom<Value>(n: number, by?: SortSelector<Value>): CallableJoin<Value, Value[]> {
  return ranking("bottom", n, by, 1, (kept) => kept.map(valueOf) as Value[]);
}

/** The value with the largest `by`, the first of equal ones; `null` without items. */
export function maxBy<Value>(by: SortSelector<Value>): CallableJoin<Value, Value | null> {
  return ranking("maxBy", 1, selector("maxBy", by), -1, (kept) => firstOf(kept) as Value | null);
}

/** The value with the smallest `by`, the first of equal ones; `null` without items. */
export function minBy<Value>(by: SortSelector<Value>): CallableJoin<Value, Value | null> {
  return ranking("minBy", 1, selector("minBy", by), 1, (kept) => firstOf(kept) as Value | null);
}

/** A value as it was, after its way through JSON. Only values of the join's type were kept. */
function valueOf([, text]: Ranked): unknown {
  return JSON.parse(text);
}

function firstOf([first]: readonly Ranked[]): unknown {
  return first === undefined ? null : valueOf(first);
}

function selector<By>(join: string, by: By): By {
  if (typeof by === "function") return by;
  throw invalid(`${join}() needs a function that says by what: ${join}(row => row.amount), not ${show(by)}.`);
}

/** `sign`: 1 puts the smallest first, -1 the largest. */
function ranking<Value, Result>(
  name: string,
  n: number,
  by: SortSelector<Value> | undefined,
  sign: 1 | -1,
  finish: (kept: readonly Ranked[]) => Result,
): CallableJoin<Value, Result> {
  const most = integer(n, `the first argument of ${name}`, 1, 1);
  if (most > MOST || n === undefined)
    throw invalid(`the first argument of ${name} has to be 1 to ${MOST}, but is ${show(n)}.`);
  const keyOf = sortKeyOf(name, by);
  const scratch: Candidate = { by: 0, value: null };
  const place = (acc: Ranked[], ranked: Ranked): void => {
    acc.splice(placeOf(acc, ranked[0], sign), 0, ranked);
    if (acc.length > most) acc.pop();
  };
  const isOut = (acc: readonly Ranked[], key: SortKey): boolean =>
    acc.length === most && sign * compareKeys((acc[most - 1] as Ranked)[0], key) <= 0;
  return callable<Value, Result, Ranked[], Candidate>({
    init: () => [],
    prepare(value) {
      scratch.by = keyOf(value);
      checkKept(name, value);
      scratch.value = value;
      return scratch;
    },
    add(acc, { by: key, value }) {
      if (!isOut(acc, key)) place(acc, [key, JSON.stringify(value)]);
      return acc;
    },
    // Those of the right come later in the input, so equal ones go behind those of the left.
    merge(left, right) {
      for (const ranked of right) {
        if (isOut(left, ranked[0])) break;
        place(left, ranked);
      }
      return left;
    },
    finish,
    encode: (acc) => acc,
    decode: (json: Json) => (json as unknown as readonly Ranked[]).slice(),
    outputs: false,
  });
}

/** The place behind all that come before `key` or are equal to it. */
function placeOf(acc: readonly Ranked[], key: SortKey, sign: 1 | -1): number {
  let low = 0;
  let high = acc.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sign * compareKeys((acc[middle] as Ranked)[0], key) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
