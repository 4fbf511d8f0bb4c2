import { expect, test } from "vitest";
import { FanjoinError } from "../../../src/core/errors/errors.ts";
import { fold } from "../../../src/joins/fold.ts";
import { range } from "../../../src/input/range.ts";
import { defineJob } from "../../../src/job/job.ts";
import type { Job } from "../../../src/job/job.ts";
import { countingJob, csvJob, joinlessJob, lineJob } from "../../steps/jobs.ts";
import { stage } from "../../steps/stage.ts";
import { run } from "./run-stage.ts";

test("a value that JSON cannot hold is ITEM_NOT_JSON where values are collected, and is in no result", async () => {
  const values = [1, 10n, () => 1, Symbol("s"), undefined, 6];
  const one = await run(await stage({ job: countingJob(6, (n: number) => values[n]), chunk: { items: 3 } }));
  expect(one.failed().map(({ index, code }) => [index, code])).toEqual([
    [1, "ITEM_NOT_JSON"],
    [2, "ITEM_NOT_JSON"],
    [3, "ITEM_NOT_JSON"],
    [4, "ITEM_NOT_JSON"],
  ]);
  expect(one.outputs()).toEqual([1, 6]);
  expect(one.result()).toEqual({ order: "1,6,", all: 2 });
});

test("a value that the join refuses is JOIN_FAILED, and is in no output", async () => {
  const job = defineJob({
    name: "refusing",
    input: range(5),
    process: (n) => n,
    join: fold<number, number[]>({
      init: () => [],
      add(acc, n) {
        if (n === 2) throw new Error("not two");
        return [...acc, n];
      },
      merge: (a, b) => [...a, ...b],
    }),
  }) as Job;
  const one = await run(await stage({ job, chunk: { items: 2 } }));
  expect(one.failed()).toMatchObject([{ index: 2, code: "JOIN_FAILED", error: { message: "not two" } }]);
  expect(one.result()).toEqual([0, 1, 3, 4]);
});

test("failed items say where they are, over many chunks, several sources and quoted newlines", async () => {
  const notes = ["fine", '"fine\non two lines"', "bad", '"bad ""quoted""\nthree\nlines"', "", "bad"];
  const row = (n: number): string => `${n},${notes[n % notes.length] ?? ""}\n`;
  const text = (from: number, count: number): string =>
    `id,note\n${Array.from({ length: count }, (_, i) => row(from + i) + (i % 5 === 0 ? "\n" : "")).join("")}`;
  const inputs = {
    "a.csv": text(0, 47),
    "empty.csv": "id,note\n",
    "b.csv": text(3, 230),
    "c.csv": text(1, 3),
  };
  const one = await run(await stage({ job: csvJob(), inputs, chunk: { items: 2 } }));
  const failed = one.failed();
  expect(failed.length).toBeGreaterThan(100);
  expect(new Set(failed.map(({ source }) => source))).toEqual(new Set(["a.csv", "b.csv", "c.csv"]));
  for (const { source, index, line, offset, item, error } of failed) {
    const whole = inputs[source as keyof typeof inputs];
    expect(whole.slice(offset ?? -1, (offset ?? -1) + (item?.length ?? 0))).toBe(item);
    expect(whole.slice(0, offset ?? -1).split("\n").length).toBe(line);
    const first = { "a.csv": 0, "b.csv": 3, "c.csv": 1 }[source] ?? 0;
    expect(error.message).toBe(`row ${(index ?? -1) + first} is bad`);
  }
});

test("a line that cannot be read fails alone, with no attempt", async () => {
  const inputs = { "x.csv": "id,note\n1,fine\n2,too,many\n3,fine\n" };
  const one = await run(await stage({ job: csvJob(), inputs }));
  expect(one.failed()).toMatchObject([
    { index: 1, line: 3, code: "ITEM_UNREADABLE", attempts: 0, item: "2,too,many" },
  ]);
  expect(one.result()).toEqual({ order: "1,3,", all: 2 });
});

test("an unreadable source costs one item of each of its chunks beside other sources; alone it ends the batch", async () => {
  for (const others of [{}, { "b.txt": "1\n2\n" }]) {
    const inputs = { "a.txt": "x\n".repeat(8), ...others };
    const one = await stage({ job: lineJob((line) => line), inputs, chunk: { bytes: 8 } });
    const store = { ...one.store };
    let reads = 0;
    one.store.read = (name, start, end, version) => {
      // The planner reads the beginning, before any worker.
      if (name === "in/a.txt" && reads++ > 0) throw new FanjoinError("INPUT_INVALID", "a.txt cannot be read");
      return store.read(name, start, end, version);
    };
    await one.submit();
    await one.pump();
    const alone = Object.keys(inputs).length === 1;
    const { state, totals } = one.batch() as { state: string; totals: { succeeded: number; failed: number } };
    expect([state, totals.succeeded, totals.failed]).toEqual(
      alone ? ["failed", 0, 0] : ["completed-with-failures", 2, 2],
    );
    const lines = one.failed().map(({ source, code, offset }) => [source, code, offset]);
    expect(lines).toEqual(alone ? [] : [0, 8].map((offset) => ["a.txt", "INPUT_INVALID", offset]));
  }
});

test("the raw text of a failed item is clipped to 8 KiB, and never within a character", async () => {
  const fails = (): never => {
    throw new TypeError("no");
  };
  const one = await run(
    await stage({ job: lineJob(fails), inputs: { "x.txt": `a${"é".repeat(9000)}\n` }, blockBytes: 4096 }),
  );
  const [{ item } = { item: "" }] = one.failed();
  expect(Buffer.byteLength(item ?? "")).toBeLessThanOrEqual(8192);
  expect(item).toBe(`a${"é".repeat(4095)}`);
});

test("outputs and failed items that are too long for the ledger are written to the store, in order", async () => {
  const process = (n: number): string => {
    if (n % 4 === 3) throw new TypeError("x".repeat(900));
    return `${n}:${"y".repeat(700)}`;
  };
  const one = await run(
    await stage({ job: countingJob(800, process), chunk: { items: 3 }, blockBytes: 4096 }),
  );
  expect(one.outputs()).toEqual(
    Array.from({ length: 800 }, (_, n) => n)
      .filter((n) => n % 4 !== 3)
      .map((n) => `${n}:${"y".repeat(700)}`),
  );
  expect(one.failed().map(({ index }) => index)).toEqual(Array.from({ length: 200 }, (_, n) => n * 4 + 3));
});

/** Keeps its values as they are: one that is not JSON spoils the accumulator. */
const keeping = fold<unknown, unknown[]>({
  init: () => [],
  add: (acc, value) => [...acc, value],
  merge: (left, right) => [...left, ...right],
});

test("a value that spoils the chunk's joined value is ITEM_NOT_JSON, and its neighbours are joined", async () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const values = [0, 1, 2n, 3, cycle, 5, [6n], 7];
  const job = defineJob({
    name: "spoilt",
    input: range(8),
    process: (n: number) => values[n],
    join: keeping,
  });
  const one = await run(await stage({ job, chunk: { items: 4 } }));
  expect(one.batch()).toMatchObject({ totals: { succeeded: 5, failed: 3, broken: 0 } });
  expect(one.failed().map(({ index, code, attempts }) => [index, code, attempts])).toEqual([
    [2, "ITEM_NOT_JSON", 1],
    [4, "ITEM_NOT_JSON", 1],
    [6, "ITEM_NOT_JSON", 1],
  ]);
  expect(one.result()).toEqual([0, 1, 3, 5, 7]);
});

test.each([
  ["there is no join", joinlessJob(4, () => 1n)],
  [
    "the join does not keep it",
    defineJob({
      name: "sums",
      input: range(4),
      process: (n: number) => BigInt(n),
      join: fold<bigint, number>({ init: () => 0, add: (acc, n) => acc + Number(n), merge: (a, b) => a + b }),
    }) as Job,
  ],
])("a value that JSON cannot hold does no harm where %s", async (_, job) => {
  const one = await run(await stage({ job, chunk: { items: 2 } }));
  expect(one.batch()).toMatchObject({ state: "succeeded", totals: { succeeded: 4, failed: 0 } });
});

test("an accumulator that JSON cannot hold fails the merge, with exact counts", async () => {
  const job = defineJob({
    name: "big",
    input: range(4),
    process: (n: number) => n,
    join: fold<number, bigint>({ init: () => 0n, add: (a, n) => a + BigInt(n), merge: (a, b) => a + b }),
  }) as Job;
  const one = await run(await stage({ job, chunk: { items: 2 } }));
  expect(one.batch()).toMatchObject({
    state: "failed",
    error: { code: "MERGE_FAILED" },
    totals: { succeeded: 4, broken: 0 },
  });
});

test("an interrupted chunk leaves nothing behind and runs again", async () => {
  const seen: number[] = [];
  const job = countingJob(10, (n: number) => {
    seen.push(n);
    if (n === 3 && seen.length === 4) one.interrupt();
    return Promise.resolve(n);
  });
  const one = await stage({ job, chunk: { items: 10 } });
  await one.submit();
  await one.step("coordinator");
  await one.step("worker");
  expect(one.node(0, 0)["settled"]).toBeUndefined();
  expect(one.queue.waiting("worker")).toBe(1);
});

test("a chunk without a join and without failed items keeps nothing", async () => {
  const one = await run(await stage({ job: joinlessJob(250), chunk: { items: 1 } }));
  expect([...one.ledger.records.keys()].filter((key) => key.startsWith("partial/"))).toEqual([]);
  expect(one.batch()).toMatchObject({ state: "succeeded", totals: { succeeded: 250 } });
});
