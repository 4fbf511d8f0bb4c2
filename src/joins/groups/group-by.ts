import { callableWith } from "../callable.ts";
import type { CallableJoin } from "../callable.ts";
import type { GroupKey } from "../group-key.ts";
import type { Join } from "../join.ts";
import { toJoin } from "../object-join.ts";
import type { JoinOrObject } from "../object-join.ts";
import type { GroupTable } from "./group-table.ts";
import { grouping } from "./grouping.ts";
import type { Keyed } from "./grouping.ts";
import { orderedGroups } from "./ordered-groups.ts";
import type { GroupOrder, OrderedJoin } from "./ordered-groups.ts";
import type { Direction } from "../order/order.ts";

/** The results of the groups, by key. */
export interface Groups<Result> {
  [key: string]: Result;
}

/** A join by groups. */
export interface GroupedJoin<Value, Result> extends CallableJoin<Value, Groups<Result>> {
  /**
   * The groups as a list of `{ key, value }`, in the order of what `by` makes of a group's result and key:
   * numbers, then texts, then `null`; equal ones in the order of their first appearance. A key of several
   * parts is an array.
   */
  orderBy(by: GroupOrder<Result>, direction?: Direction): OrderedJoin<Value, Result>;
}

/**
 * One join for each group: `groupBy(row => row.country, { total: sum(row => row.amount), n: count() })` gives
 * `{ "PT": { total, n }, … }`. Groups are in the order of their first appearance in the input, except that
 * JavaScript puts keys that are whole numbers first. A key is a string, number or boolean, which become text,
 * or an array of them, which becomes its JSON text; another one fails its item. All groups are held in
 * memory.
 */
export function groupBy<Value, Result>(
  key: (value: Value) => GroupKey,
  join: JoinOrObject<NoInfer<Value>, Result>,
): GroupedJoin<Value, Result> {
  const groups = grouping(key, toJoin(join, "groupBy's second argument"));
  const orderBy = (by: GroupOrder<Result>, direction?: Direction): OrderedJoin<Value, Result> =>
    orderedGroups(groups, by, direction);
  const byKey: Join<Value, Groups<Result>, GroupTable, Keyed> = {
    ...groups,
    // `fromEntries` defines each property, so `__proto__` is a key like any other.
    finish: ({ keys, column }) =>
      Object.fromEntries(Array.from(keys, ([name, at]) => [name, column.finish(at) as Result])),
    large: {
      ...groups.large,
      resultGroups: groups.large.groups,
      resultText: (acc, path) => acc.resultText(path),
    },
  };
  return callableWith(byKey, { orderBy });
}
