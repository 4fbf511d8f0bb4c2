/** Groups as a sorted list. */
import { FanjoinError } from "../../core/errors/errors.ts";
import { integer, invalid, show } from "../../option-check.ts";
import { callable, callableWith } from "../callable.ts";
import type { CallableJoin } from "../callable.ts";
import { partsOf } from "../group-key.ts";
import type { KeyPart } from "../group-key.ts";
import type { Join, LargeJoin } from "../join.ts";
import { compareKeys } from "../order/order.ts";
import type { Direction, SortKey } from "../order/order.ts";
import { valueText } from "../selector.ts";
import type { GroupTable } from "./group-table.ts";
import type { Grouping, Keyed } from "./grouping.ts";
import { textOf } from "./result-text.ts";

/** A group in a sorted list. */
export interface Group<Result> {
  /** A key of several parts is an array, another one is text. */
  readonly key: string | readonly KeyPart[];
  readonly value: Result;
}

/** What groups are sorted by, from a group's result and its key as text. `null` comes last. */
export type GroupOrder<Result> = (value: Result, key: string) => SortKey | null;

/** A join by groups whose result is a sorted list. */
export interface OrderedJoin<Value, Result> extends CallableJoin<Value, Group<Result>[]> {
  /** The first `n` groups. */
  limit(n: number): CallableJoin<Value, Group<Result>[]>;
}

const DIRECTIONS: readonly Direction[] = ["asc", "desc"];
const PART_CHARS = 128 * 1024;

interface Sorted<Result> extends Group<Result> {
  readonly by: SortKey | null;
}

/** Throws `JOB_INVALID`. */
export function orderedGroups<Value, Result>(
  groups: Grouping<Value>,
  by: GroupOrder<Result>,
  direction: Direction = "asc",
): OrderedJoin<Value, Result> {
  if (typeof by !== "function")
    throw invalid(
      `orderBy needs a function of a group's result: orderBy(group => group.total), not ${show(by)}.`,
    );
  if (!DIRECTIONS.includes(direction))
    throw invalid(`the direction of orderBy has to be "asc" or "desc", but is ${show(direction)}.`);
  const order = { by, sign: direction === "asc" ? 1 : -1 } as const;
  return callableWith(listed(groups, order, Infinity), {
    limit(n: number) {
      const most = integer(n, "limit of orderBy(…)", 1, null);
      if (most === null) throw invalid("limit of orderBy(…) needs a number: limit(10).");
      return callable(listed(groups, order, most));
    },
  });
}

interface Order<Result> {
  readonly by: GroupOrder<Result>;
  readonly sign: 1 | -1;
}

function listed<Value, Result>(
  groups: Grouping<Value>,
  order: Order<Result>,
  most: number,
): Join<Value, Group<Result>[], GroupTable, Keyed> {
  const rows = (acc: GroupTable): Group<Result>[] =>
    sorted(acc, order, most).map(({ key, value }) => ({ key, value }));
  const large: LargeJoin<GroupTable> = {
    ...groups.large,
    resultGroups: (acc) => Math.min(most, groups.large.groups(acc)),
    resultText: (acc, path) => listText(rows(acc), path),
  };
  return { ...groups, finish: rows, large };
}

/** With a limit no more than twice as many are held. */
function sorted<Result>(acc: GroupTable, { by, sign }: Order<Result>, most: number): Sorted<Result>[] {
  let rows: Sorted<Result>[] = [];
  // `sort` is stable: equal ones stay in the order of their first appearance.
  const sort = (): void => {
    rows.sort((a, b) => compared(a.by, b.by, sign));
    rows = rows.length > most ? rows.slice(0, most) : rows;
  };
  for (const [key, at] of acc.keys) {
    const value = acc.column.finish(at) as Result;
    rows.push({ key: partsOf(key), value, by: checked(by(value, key), key) });
    if (rows.length >= 2 * most + 1000) sort();
  }
  sort();
  return rows;
}

function compared(a: SortKey | null, b: SortKey | null, sign: 1 | -1): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return sign * compareKeys(a, b);
}

function checked(by: SortKey | null, key: string): SortKey | null {
  if (by === null || typeof by === "string" || Number.isFinite(by)) return by;
  throw new FanjoinError(
    "MERGE_FAILED",
    `orderBy() sorts by finite numbers, texts or null, but was given ${valueText(by)} for the group ${show(key)}: return null for it.`,
  );
}

function* listText(rows: readonly Group<unknown>[], path: string): Generator<string> {
  let part = "[";
  for (const [at, row] of rows.entries()) {
    part += `${at === 0 ? "" : ","}${textOf(row, () => `${path}[${at}]`)}`;
    if (part.length < PART_CHARS) continue;
    yield part;
    part = "";
  }
  yield `${part}]`;
}
