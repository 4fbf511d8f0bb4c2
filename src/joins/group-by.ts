import { FanjoinError } from "../core/errors/errors.ts";
import type { Json } from "../core/json/json.ts";
import { callable } from "./callable.ts";
import type { CallableJoin } from "./callable.ts";
import { toJoin } from "./object-join.ts";
import type { JoinOrObject } from "./object-join.ts";
import { keysText, valueText } from "./selector.ts";

/** The key of a group. Numbers and booleans become the text that JavaScript writes for them. */
export type GroupKey = string | number | boolean;

/** The results of the groups, by key. */
export interface Groups<Result> {
  [key: string]: Result;
}

/** A prepared value, with the key of its group. */
interface Keyed {
  key: string;
  prepared: unknown;
}

/**
 * One join for each group: `groupBy(row => row.country, { total: sum(row => row.amount), n: count() })` gives
 * `{ "PT": { total, n }, … }`. Groups are in the order of their first appearance in the input, except that
 * JavaScript puts keys that are whole numbers first. A key that is not a string, number or boolean fails its
 * item. All groups are held in memory.
 */
export function groupBy<Value, Result>(
  key: (value: Value) => GroupKey,
  join: JoinOrObject<NoInfer<Value>, Result>,
): CallableJoin<Value, Groups<Result>> {
  const inner = toJoin(join, "groupBy's second argument");
  // One object for all values: the next `add` consumes a prepared value.
  const scratch: Keyed = { key: "", prepared: null };
  return callable<Value, Groups<Result>, Map<string, unknown>, Keyed>({
    init: () => new Map<string, unknown>(),
    prepare(value) {
      scratch.key = keyText(key(value), value);
      scratch.prepared = inner.prepare(value);
      return scratch;
    },
    add(acc, keyed) {
      const group = acc.get(keyed.key);
      const next = inner.add(group === undefined ? inner.init() : group, keyed.prepared);
      if (next !== group) acc.set(keyed.key, next);
      return acc;
    },
    merge(left, right) {
      for (const [name, group] of right) {
        const earlier = left.get(name);
        left.set(name, earlier === undefined ? group : inner.merge(earlier, group));
      }
      return left;
    },
    // fromEntries defines own properties, so `__proto__` is a key like any other.
    finish: (acc) => Object.fromEntries(Array.from(acc, ([name, group]) => [name, inner.finish(group)])),
    encode: (acc) => Array.from(acc, ([name, group]): Json => [name, inner.encode(group)]),
    decode: (json) => new Map(entriesOf(json).map(([name, group]) => [name, inner.decode(group)])),
    outputs: inner.outputs,
    flat: inner.flat,
  });
}

/** Only `encode` writes them, so their shape is not checked. */
function entriesOf(json: Json): readonly (readonly [string, Json])[] {
  return json as readonly (readonly [string, Json])[];
}

function keyText(key: unknown, value: unknown): string {
  if (typeof key === "string") return key;
  if (typeof key === "number" || typeof key === "boolean") return String(key);
  throw new FanjoinError(
    "JOIN_FAILED",
    `the key of groupBy() has to be a string, number or boolean, but is ${valueText(key)}${keysText(key, value)}. ` +
      keyAdvice(key),
  );
}

function keyAdvice(key: unknown): string {
  return Array.isArray(key)
    ? "To group by several things, nest: groupBy(row => row.country, groupBy(row => row.year, …))."
    : 'Give such items a key of their own, e.g. groupBy(row => row.country ?? "unknown", …).';
}
