/** The order of values that are sorted by: numbers, then texts; `null` is last in either direction. */
import { FanjoinError } from "../../core/errors/errors.ts";
import { keysText, valueText } from "../selector.ts";

/** A value to sort by. Texts are compared by their UTF-16 code units, as JavaScript's `<` does. */
export type SortKey = number | string;

/** Selects what a value is sorted by. */
export type SortSelector<Value> = (value: Value) => SortKey;

export type Direction = "asc" | "desc";

export function compareKeys(a: SortKey, b: SortKey): number {
  if (a === b) return 0;
  if (typeof a === typeof b) return a < b ? -1 : 1;
  return typeof a === "number" ? -1 : 1;
}

/** Without a selector the values themselves are sorted. */
export function sortKeyOf<Value>(
  join: string,
  selector: SortSelector<Value> | undefined,
): (value: Value) => SortKey {
  if (selector === undefined) return (value) => sortKey(join, value);
  return (value) => sortKey(join, selector(value), value);
}

function sortKey(join: string, key: unknown, from?: unknown): SortKey {
  if (typeof key === "string") return key;
  // JSON has no -0.
  if (typeof key === "number" && Number.isFinite(key)) return key + 0;
  const advice =
    key instanceof Date
      ? "Select its time: row.at.getTime()"
      : "Give such items a number or text, or leave them out with `drop`";
  throw new FanjoinError(
    "JOIN_FAILED",
    `${join}() sorts by finite numbers and texts, but was given ${valueText(key)}${keysText(key, from)}. ${advice}.`,
  );
}
