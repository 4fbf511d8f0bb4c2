/** The usual cause of a difference, by what the difference needs. */
import { FAN_IN } from "../../core/records/tree.ts";
import type { Json } from "../../core/json/json.ts";
import { isDeepStrictEqual } from "node:util";
import type { SmallestDifference } from "./shrink.ts";

export function usualCause({ variant, expected, found }: SmallestDifference): string {
  const { sizes, fanIn, order, twice, fresh } = variant;
  if (fresh) return `${STATE} ${MOCKS}`;
  if (sizes.length <= 1 || twice || order !== "input") return STATE;
  if (found.error !== null) return EMPTY_OR_JSON;
  if (isDeepStrictEqual(expected.result, found.result)) return POSITION;
  if (isNearly(expected.result, found.result)) return ROUNDING;
  if (fanIn !== FAN_IN) return ASSOCIATIVE;
  return sizes.includes(0) ? EMPTY : NEIGHBOURS;
}

const STATE =
  "the code remembers something between items or runs: a variable of the module that counts or collects, a cache that the first item fills, an object that every `init` hands out, a clock, random numbers. Attempts are repeated, and items run in any order and in many processes: `process` may depend on its item and on params alone.";
const MOCKS =
  "Stubs and mocks of the test do not reach the thread: give testJob() the job itself where they matter.";
const EMPTY =
  '`merge` takes an accumulator that nothing was added to for a value, such as 0 for a maximum. A chunk may hold no value: all its items failed or were dropped, or it lies within a long record. Such an accumulator is what `init` returns: use null for "none yet", and let `merge` return the other one.';
const EMPTY_OR_JSON =
  "a function of the join threw, or made what JSON cannot hold, for accumulators that occur in this cut only, often for one that nothing was added to: a division by a count of 0 gives NaN.";
const NEIGHBOURS =
  "`merge(fold(a), fold(b))` is not `fold(a then b)`: a mean of means (keep sum and count, and divide in `finish`), an accumulator that holds the last item of its chunk only, a `merge` that forgets one side, or an accumulator that JSON changes (it leaves out properties that are `undefined`).";
const ASSOCIATIVE =
  "`merge` is not associative: `merge(merge(a, b), c)` has to be `merge(a, merge(b, c))`. An accumulator that is merged may itself be made of many chunks.";
const ROUNDING =
  "numbers are rounded in another order. Use `sum()` and `mean()`, which are exact however they are merged, or add integers (cents).";
const POSITION = "what `process` does depends on its chunk (`ctx.position`), or on other items of it.";

/** Numbers within this share of each other differ by rounding. */
const ROUNDED = 1e-9;

/** The same but for the last digits of numbers. */
function isNearly(one: Json, other: Json): boolean {
  if (typeof one === "number" && typeof other === "number") {
    return Math.abs(one - other) <= ROUNDED * Math.max(Math.abs(one), Math.abs(other));
  }
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null)
    return one === other;
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every((key) => Object.hasOwn(other, key) && isNearly(partOf(one, key), partOf(other, key)));
}

function partOf(value: object, key: string): Json {
  return (value as { readonly [key: string]: Json })[key] ?? null;
}
