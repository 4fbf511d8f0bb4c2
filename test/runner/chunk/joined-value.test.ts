/** The border to users' code: what `process` returns, and what the functions of a fold do. */
import { expect, test } from "vitest";
import { drop } from "../../../src/core/drop.ts";
import { items } from "../../../src/input/items.ts";
import { range } from "../../../src/input/range.ts";
import { defineJob } from "../../../src/job/job.ts";
import type { Job } from "../../../src/job/job.ts";
import { collect, count } from "../../../src/joins/exact/count.ts";
import { fold } from "../../../src/joins/fold.ts";
import type { FoldSpec } from "../../../src/joins/fold.ts";
import { groupBy } from "../../../src/joins/groups/group-by.ts";
import { stage } from "../../steps/stage.ts";
import type { Stage } from "../../steps/stage.ts";

async function run(job: unknown, chunkItems = 4): Promise<Stage> {
  const one = await stage({ job: job as Job, chunk: { items: chunkItems } });
  await one.submit();
  await one.pump();
  expect(one.log).toEqual([]);
  return one;
}

const summing: FoldSpec<number, { total: number }> = {
  init: () => ({ total: 0 }),
  add(acc, n) {
    acc.total += n;
    return acc;
  },
  merge: (left, right) => ({ total: left.total + right.total }),
};

type Spec = Partial<Record<keyof FoldSpec<number, unknown>, unknown>>;

function folding(spec: Spec): unknown {
  const join = fold({ ...summing, ...spec } as typeof summing);
  return defineJob({ name: "folding", input: range(12), process: (n) => n, join });
}

const shared: { total: number } = { total: 0 };

type Broken = readonly [title: string, spec: Spec, message: string];

test.for<Broken>([
  [
    "an accumulator that holds Infinity",
    { init: () => ({ total: 0, min: Infinity }) },
    "a value whose .min is Infinity",
  ],
  ["an accumulator that holds a Set", { init: () => ({ total: 0, seen: new Set() }) }, ".seen is a Set"],
  ["an accumulator that holds a Date", { init: () => ({ total: 0, at: new Date(0) }) }, ".at is a Date"],
  ["an init that shares an object which add changes", { init: () => shared }, "the same object each time"],
  ["an init that returns nothing", { init: () => undefined }, "init of fold() returned undefined"],
  [
    "an add that returns nothing",
    { add: (acc: { total: number }, n: number) => void (acc.total += n) },
    "add of fold() returned undefined",
  ],
  ["a merge that returns nothing", { merge: () => undefined }, "merge of fold() returned undefined"],
  ["an asynchronous add", { add: async (acc: unknown) => acc }, "add of fold() returned a promise"],
])("%s fails the batch and says what to do, with exact counts", async ([, spec, message]) => {
  shared.total = 0;
  // In one chunk too, so that a job fails on its first small run; but for a merge, which that does not need.
  for (const chunkItems of "merge" in spec ? [4] : [4, 100]) {
    const one = await run(folding(spec), chunkItems);
    expect(one.batch()).toMatchObject({
      state: "failed",
      error: { code: "MERGE_FAILED", message: expect.stringContaining(message) as string },
      totals: { succeeded: 12, failed: 0, broken: 0 },
    });
    expect(one.result()).toBeUndefined();
  }
});

test("an init that shares an object which is never changed is right", async () => {
  const none: readonly number[] = Object.freeze([]);
  const join = fold<number, readonly number[]>({
    init: () => none,
    add: (acc, n) => [...acc, n],
    merge: (left, right) => [...left, ...right],
  });
  const one = await run(defineJob({ name: "shared", input: range(6), process: (n) => n, join }), 2);
  expect(one.result()).toEqual([0, 1, 2, 3, 4, 5]);
});

test("an add that throws after it has changed the accumulator costs its item alone", async () => {
  const spec = {
    add(acc: { total: number }, n: number) {
      acc.total += n;
      if (n % 5 === 3) throw new Error(`not ${n}`);
      return acc;
    },
  };
  for (const chunkItems of [1, 4, 100]) {
    const one = await run(folding(spec), chunkItems);
    expect(one.failed().map(({ index, code, error }) => [index, code, error.message])).toEqual([
      [3, "JOIN_FAILED", "not 3"],
      [8, "JOIN_FAILED", "not 8"],
    ]);
    expect(one.result()).toEqual({ total: 66 - 3 - 8 });
  }
});

test("the same holds for the fold of each group", async () => {
  const join = groupBy(
    (n: number) => (n % 2 === 0 ? "even" : "odd"),
    fold<number, { total: number }>({
      ...summing,
      add(acc, n) {
        acc.total += n;
        if (n === 7) throw new Error("not 7");
        return acc;
      },
    }),
  );
  const one = await run(defineJob({ name: "groups", input: range(10), process: (n) => n, join }), 100);
  expect(one.result()).toEqual({ even: { total: 20 }, odd: { total: 18 } });
});

test("values that JSON would change are ITEM_NOT_JSON where they are collected, with their place", async () => {
  const values = [
    { ok: 1 },
    { min: NaN },
    { deep: [{ seen: new Map() }] },
    undefined,
    new Date(0),
    [undefined],
  ];
  const job = defineJob({
    name: "collecting",
    input: range(values.length),
    process: (n) => values[n],
    join: collect(),
  });
  const one = await run(job);
  expect(one.failed().map(({ index, code, error }) => [index, code, error.message])).toEqual([
    [1, "ITEM_NOT_JSON", "process returned a value whose .min is NaN, which JSON cannot hold"],
    [2, "ITEM_NOT_JSON", "process returned a value whose .deep[0].seen is a Map, which JSON cannot hold"],
    [3, "ITEM_NOT_JSON", expect.stringContaining("or `drop` (of fanjoin) to leave the item out")],
    [5, "ITEM_NOT_JSON", "process returned a value whose [0] is undefined, which JSON cannot hold"],
  ]);
  expect(one.outputs()).toEqual([{ ok: 1 }, "1970-01-01T00:00:00.000Z"]);
});

test("an item whose value spoils the accumulator fails, and its neighbours are joined", async () => {
  const join = fold<number, number[]>({
    init: () => [],
    add: (acc, n) => [...acc, n],
    merge: (left, right) => [...left, ...right],
  });
  const job = defineJob({ name: "spoilt", input: range(6), process: (n) => (n === 2 ? 1 / 0 : n), join });
  const one = await run(job);
  expect(one.failed()).toMatchObject([{ index: 2, code: "ITEM_NOT_JSON" }]);
  expect(one.result()).toEqual([0, 1, 3, 4, 5]);
});

test("drop leaves an item out of join and outputs, and counts it as succeeded", async () => {
  const job = defineJob({
    name: "filter",
    input: range(6),
    process: async (n) => (n % 2 === 0 ? drop : n),
    join: { n: count(), all: collect() },
  });
  const one = await run(job);
  expect(one.batch()).toMatchObject({ state: "succeeded", totals: { succeeded: 6 } });
  expect(one.result()).toEqual({ n: 3, all: 3 });
  expect(one.outputs()).toEqual([1, 3, 5]);
});

test("a flat collection writes each element, and refuses what is not an array", async () => {
  const values = [["a", "b"], [], "no array", ["c"]];
  const job = defineJob({
    name: "flat",
    input: range(4),
    process: (n) => values[n] as string[],
    join: collect({ flat: true }),
  });
  const one = await run(job, 2);
  expect(one.outputs()).toEqual(["a", "b", "c"]);
  expect(one.result()).toBe(3);
  expect(one.failed()).toMatchObject([{ index: 2, code: "JOIN_FAILED" }]);
});

test("two ways to collect cannot be used together", () => {
  const join = { all: collect(), flat: collect({ flat: true }) };
  expect(() => defineJob({ name: "both", input: range(1), process: () => [1], join })).toThrow(
    /cannot be used together/,
  );
});

test("inline items that JSON would change are refused when the job is defined", () => {
  expect(() => items([{ price: 1 }, { price: NaN }])).toThrow(/\[1\]\.price is NaN/);
});
