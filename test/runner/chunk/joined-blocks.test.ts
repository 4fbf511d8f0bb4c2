/** The joined value of a chunk where it is kept in blocks. */
import { expect, test } from "vitest";
import type { Piece } from "../../../src/core/records/contribution.ts";
import { count } from "../../../src/joins/exact/count.ts";
import { groupBy } from "../../../src/joins/groups/group-by.ts";
import type { Join, LargeJoin } from "../../../src/joins/join.ts";
import { JoinedValue } from "../../../src/runner/chunk/joined-value.ts";
import { tooLarge } from "../../../src/runner/contribution/value-blocks.ts";

const NOWHERE = { source: 0, key: 0 };
const groups = groupBy((n: number) => `k${n}`, count()) as unknown as Join<unknown, unknown>;

/** A value of three groups, parts of whose join are others. */
function threeGroups(large: Partial<LargeJoin<unknown>> = {}): JoinedValue {
  const value = new JoinedValue({ ...groups, large: { ...groups.large!, ...large } }, { guarded: false });
  for (const n of [1, 2, 3, 1]) expect(value.add(n, NOWHERE)).toBeNull();
  return value;
}

/** Keeps the texts that it is given. */
function writing() {
  const texts: string[] = [];
  const write = async (given: Iterable<string>): Promise<Piece[]> => {
    texts.push(...given);
    return [{ text: texts.join("\n") }];
  };
  return { texts, write };
}

test("a value is large from a number of groups on, unless a failed item has divided it", () => {
  const value = threeGroups();
  expect([value.isLarge(0, 3), value.isLarge(0, 4), value.isLarge(1, 3)]).toEqual([true, false, false]);
  expect(new JoinedValue(groups, { guarded: false }).isLarge(0, 0)).toBe(false);
  const small = new JoinedValue(count(), { guarded: false });
  small.add(1, NOWHERE);
  expect(small.isLarge(0, 0)).toBe(false);
});

test("its blocks come with the number of its groups", async () => {
  const { texts, write } = writing();
  const { blocks, groups: counted } = await threeGroups().blocks(write);
  expect([counted, blocks]).toEqual([3, [{ text: texts.join("\n") }]]);
  expect(texts.length).toBeGreaterThan(0);
});

const fails = (): never => {
  throw new RangeError("no text of it");
};

test.for<[string, Partial<LargeJoin<unknown>>, string[]]>([
  ["before its first block", { blocks: fails }, []],
  [
    "in the middle",
    {
      *blocks() {
        yield "{}";
        fails();
      },
    },
    ["{}"],
  ],
  ["when its groups are counted", { groups: fails }, []],
])("a join that throws %s is the chunk's error", async ([, large, expected]) => {
  const { texts, write } = writing();
  const { blocks, error } = await threeGroups(large).blocks(write);
  expect([blocks, error?.code, texts]).toEqual([undefined, "MERGE_FAILED", expected]);
  expect(error?.message).toContain("no text of it");
});

test("a value that is too large is the chunk's error; a store that refuses it is one of the attempt", async () => {
  const { error } = await threeGroups().blocks(() => Promise.reject(tooLarge("more than 5", 5)));
  expect(error).toMatchObject({ code: "JOIN_TOO_LARGE" });
  const refused = threeGroups().blocks(() => Promise.reject(new Error("the disk is full")));
  await expect(refused).rejects.toThrow("the disk is full");
});
