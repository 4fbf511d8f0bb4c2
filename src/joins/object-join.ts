/**
 * Makes one join of an object of joins. Each of them gets every value; the result is an object of results.
 */
import { isObject } from "../core/json/json.ts";
import { FanjoinError } from "../core/errors/errors.ts";
import { decodeParts, largeParts, mergedPart } from "./groups/large-parts.ts";
import { StructColumn } from "./groups/struct-column.ts";
import type { Join } from "./join.ts";

/** `{ total: sum(…), n: count() }` gives `{ total: number, n: number }`. */
export type JoinObject<Value, Result> = { readonly [Name in keyof Result]: Join<Value, Result[Name]> };

/** A join, or an object of joins, which can be used like one. */
export type JoinOrObject<Value, Result> = Join<Value, Result> | JoinObject<Value, Result>;

const STEPS = ["init", "prepare", "add", "merge", "finish", "encode", "decode"] as const;

export function isJoin(value: unknown): value is Join<unknown, unknown> {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return false;
  const members = value as { readonly [name: string]: unknown };
  return (
    typeof members["outputs"] === "boolean" && STEPS.every((step) => typeof members[step] === "function")
  );
}

/** Returns a join as it is, and combines an object of joins. Throws `JOB_INVALID`, which names `where`. */
export function toJoin<Value, Result>(
  candidate: JoinOrObject<Value, Result>,
  where: string,
): Join<Value, Result> {
  if (isJoin(candidate)) return candidate;
  if (!isObject(candidate) || Object.keys(candidate).length === 0) throw notAJoin(where, candidate);
  for (const [name, part] of Object.entries(candidate)) {
    if (!isJoin(part)) throw notAJoin(`${where}.${name}`, part);
  }
  return combine(candidate);
}

function notAJoin(where: string, value?: unknown): FanjoinError {
  const uncalled = typeof value === "function" ? " Is it called, as in count()?" : "";
  return new FanjoinError(
    "JOB_INVALID",
    `${where} is not a join. Use count(), sum(), groupBy(…), fold({…}), … or an object of them.${uncalled}`,
  );
}

/**
 * The accumulator is an array, in the order of the names. So are the prepared values, in one scratch array:
 * the next `add` consumes them.
 */
function combine<Value, Result>(parts: JoinObject<Value, Result>): Join<Value, Result> {
  const names = Object.keys(parts);
  const joins = Object.values<Join<Value, unknown>>(parts);
  // The first two joins have call sites of their own in the code that runs for every item: the engine inlines
  // a call that always meets the same join.
  const [first, second] = joins;
  const collecting = joins.filter((join) => join.outputs);
  if (new Set(collecting.map(({ flat = false }) => flat)).size > 1) {
    throw new FanjoinError(
      "JOB_INVALID",
      "A job has one list of outputs: collect() and collect({ flat: true }) cannot be used together.",
    );
  }
  const keyed = collecting.find((join) => join.keyed)?.keyed;
  if (keyed !== undefined && collecting.length > 1) {
    throw new FanjoinError(
      "JOB_INVALID",
      "A job has one kind of outputs: beside collect({ by }) there can be no other collect().",
    );
  }
  const scratch: unknown[] = joins.map(() => null);
  const combined: Join<Value, Result, unknown[], unknown[]> = {
    init: () => joins.map((join) => join.init()),
    prepare(value) {
      scratch[0] = first?.prepare(value);
      if (second) scratch[1] = second.prepare(value);
      for (let i = 2; i < joins.length; i++) scratch[i] = joins[i]?.prepare(value);
      return scratch;
    },
    add(acc, prepared, place) {
      acc[0] = first?.add(acc[0], prepared[0], place);
      if (second) acc[1] = second.add(acc[1], prepared[1], place);
      for (let i = 2; i < joins.length; i++) acc[i] = joins[i]?.add(acc[i], prepared[i], place);
      return acc;
    },
    merge(left, right) {
      for (let i = 0; i < joins.length; i++) left[i] = mergedPart(joins[i], left[i], right[i]);
      return left;
    },
    finish: (acc) => Object.fromEntries(joins.map((join, i) => [names[i], join.finish(acc[i])])) as Result,
    encode: (acc) => joins.map((join, i) => join.encode(acc[i])),
    decode: (json) => decodeParts(joins, json),
    outputs: collecting.length > 0,
    flat: collecting.some((join) => join.flat),
    placed: joins.some((join) => join.placed),
    large: joins.some((join) => join.large) ? largeParts(names, joins) : undefined,
    column: () => new StructColumn(names, joins),
    keyed,
  };
  return combined;
}
