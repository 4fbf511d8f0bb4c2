import { expect, test } from "vitest";
import { drop } from "../../../src/core/drop.ts";
import { FanjoinError } from "../../../src/core/errors/errors.ts";
import { jsonl } from "../../../src/input/jsonl.ts";
import { defineJob } from "../../../src/job/job.ts";
import { collect } from "../../../src/joins/exact/count.ts";
import { fold } from "../../../src/joins/fold.ts";
import type { FoldSpec } from "../../../src/joins/fold.ts";
import { sum } from "../../../src/joins/exact/sum.ts";
import { testJob } from "../../../src/testing/testing.ts";

const SEED = 7;
const options = { everyCut: true, seed: SEED };
const NUMBERS = { items: [3, -1, 4, 1, 5, 9, 2, 6] };

/** The error of an `everyCut`, which has to find one. */
async function accusation(tested: Promise<unknown>): Promise<FanjoinError> {
  const outcome: unknown = await tested.then(
    () => "no error",
    (thrown: unknown) => thrown,
  );
  if (outcome instanceof FanjoinError) return outcome;
  throw new Error(`everyCut accused nothing: ${String(outcome)}`);
}

function folding<Acc>(spec: FoldSpec<number, Acc> & { finish?(acc: Acc): unknown }) {
  return defineJob({
    name: "folding",
    input: jsonl<number>(),
    process: (n) => n,
    join: fold(spec as FoldSpec<number, Acc>),
  });
}

async function accused<Acc>(
  spec: Parameters<typeof folding<Acc>>[0],
  input = NUMBERS,
): Promise<FanjoinError> {
  return accusation(testJob(folding(spec), input, options));
}

test("a mean of means is found with three items, and the message shows cut, answers and cause", async () => {
  const mean = (left: number | null, right: number | null): number | null =>
    left === null || right === null ? (left ?? right) : (left + right) / 2;
  const spec = { init: (): number | null => null, add: mean, merge: mean };
  const error = await accused(spec, { items: [1, 2, 6] });
  expect(error.code).toBe("RESULT_DIFFERS");
  expect(error.message.split("\n")).toEqual([
    "everyCut: the job folding gives two answers to one input.",
    "",
    "input    3 items: [1, 2, 6]",
    "cut      [1] [2, 6]",
    "",
    "uncut    result 3.75",
    "cut so   result 2.5",
    "",
    expect.stringMatching(/^Usual cause: .*a mean of means \(keep sum and count/),
    "",
    "The seed is 7: { everyCut: true, seed: 7 } runs the same cuts again.",
  ]);
});

test("a maximum whose merge takes an empty accumulator for 0 is found with one item and an empty chunk", async () => {
  const spec = {
    init: (): number | null => null,
    add: (acc: number | null, n: number) => (acc === null || n > acc ? n : acc),
    merge: (left: number | null, right: number | null) => Math.max(left ?? 0, right ?? 0),
  };
  const { message } = await accused(spec, { items: [-3, -1, -5] });
  expect(message).toMatch(/^cut {6}(\[\] \[-\d\]|\[-\d\] \[\])$/m);
  expect(message).toMatch(/^cut so {3}result 0$/m);
  expect(message).toContain('use null for "none yet"');
});

test("a shared init that the product refuses is reported with the product's sentence", async () => {
  const shared = { n: 0 };
  const error = await accused({
    init: () => shared,
    add: (acc) => ({ ...acc, n: ++acc.n }),
    merge: (left, right) => ({ n: left.n + right.n }),
  });
  expect(error.code).toBe("MERGE_FAILED");
  expect(error.message).toContain("init of fold() returns the same object each time");
});

test("a shared object within a new one is found", async () => {
  const rows: number[] = [];
  const { code, message } = await accused({
    init: () => ({ rows }),
    add(acc, n) {
      acc.rows.push(n);
      return acc;
    },
    merge: (left, right) => ({ rows: [...left.rows, ...right.rows] }),
  });
  expect(code).toBe("RESULT_DIFFERS");
  expect(message).toContain("an object that every `init` hands out");
});

test("a fold that keeps the last item of each chunk is found with two items", async () => {
  const { message } = await accused({
    init: (): number[] => [],
    add: (_, n) => [n],
    merge: (left, right) => [...left, ...right],
  });
  expect(message).toMatch(/^cut {6}\[3\] \[-1\]\n\nuncut {4}result \[-1\]\ncut so {3}result \[3,-1\]$/m);
});

test("a merge that is right for two chunks and wrong for three is found by the shape of the tree", async () => {
  // A difference of neighbours: from the left it is a fold, and any other tree gives another one.
  const { message } = await accused({
    init: (): { sum: number; depth: number } => ({ sum: 0, depth: 0 }),
    add: (acc, n) => ({ ...acc, sum: acc.sum + n }),
    merge: (left, right) => ({ sum: left.sum + (right.depth > 0 ? 0 : right.sum), depth: left.depth + 1 }),
    finish: (acc) => acc.sum,
  });
  expect(message).toMatch(/^merged {3}\d neighbours at a time/m);
  expect(message).toContain("`merge` is not associative");
});

test.for([
  ["a Map", () => new Map<number, number>(), (acc: Map<number, number>, n: number) => acc.set(n, 1), "a Map"],
  ["a Date", () => ({ at: new Date(0) }), (acc: object) => acc, ".at is a Date"],
  ["NaN", () => ({ n: NaN }), (acc: object) => acc, ".n is NaN"],
] as const)(
  "an accumulator with %s is reported with the product's sentence",
  async ([, init, add, found]) => {
    const error = await accused<unknown>({ init, add, merge: (left) => left });
    expect(error.code).toBe("MERGE_FAILED");
    expect(error.message).toContain(found);
  },
);

test("an accumulator that JSON changes without an error is found", async () => {
  interface Seen {
    readonly n: number;
    readonly last: number | undefined;
  }
  const { message } = await accused({
    init: (): Seen => ({ n: 0, last: undefined }),
    add: (acc, n) => ({ n: acc.n + 1, last: n > 100 ? n : undefined }),
    merge: (left, right) => ({ n: left.n + right.n, last: right.last }),
    finish: (acc) => Object.keys(acc),
  });
  expect(message).toContain("it leaves out properties that are `undefined`");
});

test("a NaN that only an empty accumulator makes is found", async () => {
  const { message } = await accused({
    init: () => ({ mean: 0, n: 0 }),
    add: ({ mean, n }, x) => ({ mean: (mean * n + x) / (n + 1), n: n + 1 }),
    merge: (left, right) => ({
      mean: (left.mean * left.n + right.mean * right.n) / (left.n + right.n),
      n: left.n + right.n,
    }),
    finish: ({ mean }) => Math.round(mean * 1e6) / 1e6,
  });
  expect(message).toMatch(/^cut so {3}ends with MERGE_FAILED: .*\.mean is NaN/m);
  expect(message).toContain("a division by a count of 0 gives NaN");
});

test("sums of fractions are told from other mistakes", async () => {
  const add = (left: number, right: number): number => left + right;
  const { message } = await accused({ init: () => 0, add, merge: add }, { items: [0.1, 0.2, 0.3, 0.7] });
  expect(message).toContain("Usual cause: numbers are rounded in another order");
});

test("an output that depends on the chunk is found", async () => {
  const job = defineJob({
    name: "placed",
    input: jsonl<number>(),
    process: (n, { position }) => [n, position.index],
    join: collect(),
  });
  const { message } = await accusation(testJob(job, NUMBERS, options));
  expect(message).toMatch(/^uncut {4}output 1 \[-1,1\]\ncut so {3}output 1 \[-1,0\]$/m);
  expect(message).toContain("ctx.position");
});

test("a job that counts in its closure is found", async () => {
  let n = 0;
  const job = defineJob({ name: "counting", input: jsonl<number>(), process: () => ++n, join: sum() });
  const { message } = await accusation(testJob(job, NUMBERS, options));
  expect(message).toMatch(/^input {4}1 item/m);
  expect(message).toContain("remembers something between items or runs");
});

test("a job that remembers what it has seen is found, though no later run differs from the others", async () => {
  const seen = new Set<number>();
  const process = (n: number) => (seen.has(n) ? drop : (seen.add(n), n));
  const job = defineJob({ name: "seen", input: jsonl<number>(), process, join: sum() });
  const { message } = await accusation(testJob(job, NUMBERS, options));
  expect(message).toMatch(/^uncut {4}result 29\ncut so {3}result 0$/m);
});

test("a job that counts in its module is found", async () => {
  const url = new URL("./counting-job.ts", import.meta.url);
  const { message } = await accusation(testJob(url, { items: ["a", "b", "c"] }, options));
  expect(message).toMatch(/^input {4}1 item/m);
  expect(message).toMatch(/^cut so {3}output 0 "\d+ \w"$/m);
});

test("a cache that the first run fills is found in new modules", async () => {
  const url = new URL("./caching-job.ts", import.meta.url);
  const sales = [
    { cents: 10, rate: 1 },
    { cents: 10, rate: 1 },
    { cents: 20, rate: 2 },
  ];
  const { message } = await accusation(testJob(url, { items: sales }, options));
  expect(message).toMatch(/^input {4}2 items: /m);
  expect(message).toMatch(/^order {4}the last chunk first\nmodule {3}evaluated anew/m);
  expect(message).toContain("a cache that the first item fills");
});

test("among many items the same few are found, and the seed repeats it", async () => {
  const add = (_: number, n: number): number => n;
  const spec = { init: () => 0, add, merge: (left: number, right: number) => left + right };
  const items = Array.from({ length: 300 }, (_, n) => n + 1);
  const first = await accused(spec, { items });
  expect(first.message).toMatch(/^input {4}2 items: /m);
  expect((await accused(spec, { items })).message).toBe(first.message);
});

test("a job that ends its thread is ITEM_CRASHED", async () => {
  const url = new URL("./exiting-job.ts", import.meta.url);
  const { code, message } = await accusation(testJob(url, { items: [1, 2] }, options));
  expect(code).toBe("ITEM_CRASHED");
  expect(message).toMatch(/exiting-job\.ts ended its thread: exit code 3/);
});

test("a module that throws while it is loaded is JOB_INVALID, with its reason", async () => {
  await expect(testJob(new URL("data:text/javascript,throw new Error('no database')"))).rejects.toMatchObject(
    {
      code: "JOB_INVALID",
      message: expect.stringContaining("no database"),
    },
  );
});
