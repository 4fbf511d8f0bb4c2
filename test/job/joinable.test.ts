import { expect, test } from "vitest";
import { range } from "../../src/input/range.ts";
import { defineJob } from "../../src/job/job.ts";
import type { Job } from "../../src/job/job.ts";
import { count } from "../../src/joins/exact/count.ts";
import { fold } from "../../src/joins/fold.ts";
import type { Join } from "../../src/joins/join.ts";
import { NOWHERE } from "../../src/runner/chunk/item-place.ts";
import { sum } from "../../src/joins/exact/sum.ts";

const base = { name: "squares", input: range(10), process: (n: number) => ({ n, square: n * n }) };

/** A definition from a file that was not type-checked. */
function withJoin(join: unknown): Job {
  return defineJob({ ...base, join } as Parameters<typeof defineJob>[0]);
}

/** Folds the job's values in two halves, and merges these. */
function joined(job: Job): unknown {
  const join = job.join as Join<unknown, unknown>;
  const half = (items: readonly number[]): unknown => {
    const add = (acc: unknown, n: number): unknown =>
      join.add(acc, join.prepare(job.process(n, {} as never)), NOWHERE);
    return join.decode(join.encode(items.reduce(add, join.init())));
  };
  return join.finish(join.merge(half([1, 2]), half([3, 4])));
}

test("a function of typed joins gives the join that it returns", () => {
  expect(joined(defineJob({ ...base, join: (j) => j.sum((o) => o.square) }))).toBe(30);
  const parity = defineJob({
    ...base,
    join: (j) => j.groupBy((o) => (o.n % 2 ? "odd" : "even"), { n: j.count(), top: j.max((o) => o.square) }),
  });
  expect(joined(parity)).toEqual({ odd: { n: 2, top: 9 }, even: { n: 2, top: 16 } });
});

test("a function may return an object of joins, typed and imported ones", () => {
  const order = fold({ init: () => "", add: (acc, o: { n: number }) => acc + o.n, merge: (a, b) => a + b });
  const job = defineJob({
    ...base,
    join: (j) => ({ order, n: count(), low: j.min((o) => o.n), all: j.collect() }),
  });
  expect(joined(job)).toEqual({ order: "1234", n: 4, low: 1, all: 4 });
  expect(job.join?.outputs).toBe(true);
});

test("a join that is callable is a join, and not a function of joins", () => {
  const values = defineJob({ ...base, process: (n: number) => n, join: sum() });
  expect(joined(values)).toBe(10);
});

test.for<[string, unknown, RegExp]>([
  [
    "returns nothing",
    () => undefined,
    /^join is not a join, .* returned undefined\..* Does it lack a return\? An object needs parentheses: join: \(j\) => \(\{ … \}\)\.$/,
  ],
  ["returns a number", () => 3, /returned 3\. Return j\.count\(\), j\.sum\(…\), … or an object of them\.$/],
  [
    "returns an uncalled join",
    (j: { count: unknown }) => j.count,
    /returned a function\..* Is the join called, as in j\.count\(\)\?$/,
  ],
  ["returns an object that holds something else", () => ({ n: 3 }), /^join\.n is not a join/],
  [
    "returns an object that holds an uncalled join",
    (j: { count: unknown }) => ({ n: j.count }),
    /^join\.n is not a join.* Is it called/,
  ],
  ["returns an empty object", () => ({}), /^join is not a join/],
  ["is async", async () => sum(), /returned a promise: it may not be async/],
  [
    "calls a join that there is not",
    (j: { avg(): unknown }) => j.avg(),
    /^the function that was given for join threw: j\.avg is not a function\. .* collect, count, .*, variance\.$/,
  ],
  [
    "throws no error",
    () => {
      // oxlint-disable-next-line only-throw-error
      throw "enough";
    },
    /^the function that was given for join threw: enough\./,
  ],
  [
    "gives groupBy no join",
    (j: { groupBy(key: unknown, join: unknown): unknown }) => j.groupBy(String, 3),
    /^groupBy's second argument is not a join/,
  ],
])("a function that %s is JOB_INVALID", ([, join, message]) => {
  expect(() => withJoin(join)).toThrow(
    expect.objectContaining({ code: "JOB_INVALID", message: expect.stringMatching(message) }),
  );
});

test("a join that was not called is refused", () => {
  for (const join of [count, sum, fold])
    expect(() => withJoin(join)).toThrow(/^join is not a join\. .* Is it called, as in count\(\)\?$/);
});
