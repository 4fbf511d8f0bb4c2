import { setImmediate as immediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { FanjoinError } from "../../../src/core/errors/errors.ts";
import { count } from "../../../src/joins/exact/count.ts";
import { fold } from "../../../src/joins/fold.ts";
import { sum } from "../../../src/joins/exact/sum.ts";
import { range } from "../../../src/input/range.ts";
import { defineJob } from "../../../src/job/job.ts";
import type { Job } from "../../../src/job/job.ts";
import { countingJob, csvJob, inOrder, joinlessJob, lineJob, upTo } from "../../steps/jobs.ts";
import { stage } from "../../steps/stage.ts";
import type { Stage } from "../../steps/stage.ts";

async function run(one: Stage): Promise<Stage> {
  await one.submit();
  await one.pump();
  expect(one.log).toEqual([]);
  return one;
}

test("items run with bounded concurrency, and are joined in input order", async () => {
  let inFlight = 0;
  let most = 0;
  const process = async (n: number): Promise<number> => {
    most = Math.max(most, ++inFlight);
    await new Promise((resolve) => setTimeout(resolve, (n * 7) % 5));
    inFlight--;
    return n;
  };
  const one = await run(
    await stage({ job: countingJob(60, process, { concurrency: 4 }), chunk: { items: 30 } }),
  );
  expect(most).toBe(4);
  expect(one.result()).toEqual({ order: upTo(60), all: 60 });
  expect(one.outputs()).toEqual(Array.from({ length: 60 }, (_, i) => i));
});

test("items that have finished before they are awaited do not block", async () => {
  const process = async (n: number): Promise<number> => {
    await Promise.resolve();
    return n;
  };
  const job = countingJob(100, process, { concurrency: 4 });
  const one = await run(await stage({ job, chunk: { items: 30 } }));
  expect(one.result()).toEqual({ order: upTo(100), all: 100 });
});

test("items that do not wait keep their place among those that do", async () => {
  const process = (n: number): unknown =>
    n % 3 === 0 ? new Promise((resolve) => setImmediate(resolve, n)) : n;
  const one = await run(await stage({ job: countingJob(200, process), chunk: { items: 200 } }));
  expect(one.result()).toEqual({ order: upTo(200), all: 200 });
});

test("chunks that wait for nothing run one after the other, with no promise between them", async () => {
  let turns = 0;
  const countTurns = async (): Promise<void> => {
    for (; turns < 100; turns++) await Promise.resolve();
  };
  const turnsAt: number[] = [];
  const process = (n: number): number => {
    if (n === 0) void countTurns();
    turnsAt.push(turns);
    return n;
  };
  const job = defineJob({ name: "plain", input: range(16), process, join: sum() });
  const one = await stage({ job, chunk: { items: 1 } });
  await one.submit();
  await one.step("coordinator");
  await one.deliver("worker", one.queue.take("worker"));
  expect(turnsAt).toEqual(Array.from({ length: 16 }, () => 0));
});

test("results that wait for a slow item before them are bounded by their bytes", async () => {
  let done = 0;
  let doneWhenFirstEnded = 0;
  const large = "x".repeat(1024 * 1024);
  const process = (n: number): unknown => {
    if (n > 0) {
      done++;
      return large;
    }
    return new Promise((resolve) => setTimeout(() => resolve((doneWhenFirstEnded = done)), 10));
  };
  const job = defineJob({ name: "large", input: range(1000), concurrency: 2, process, join: count() });
  const one = await run(await stage({ job, chunk: { items: 1000 } }));
  // 64 MiB, in characters of two bytes.
  expect(doneWhenFirstEnded).toBe(32);
  expect(one.result()).toBe(1000);
});

test("small results wait in any number, so that a slow item keeps no slot empty", async () => {
  let done = 0;
  const process = (n: number): unknown =>
    n > 0 ? Promise.resolve(++done) : new Promise((resolve) => setTimeout(() => resolve(done), 50));
  const job = countingJob(5000, process, { concurrency: 2 });
  const one = await run(await stage({ job, chunk: { items: 5000 } }));
  expect(one.outputs()[0]).toBe(4999);
});

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

test("the order of a fold shows every item once", async () => {
  const job = defineJob({ name: "order", input: range(30), process: (n) => n, join: inOrder }) as Job;
  expect((await run(await stage({ job, chunk: { items: 7 } }))).result()).toBe(upTo(30));
});

test("the next chunk begins while the last items of one are awaited, and no more items are in flight than the job says", async () => {
  const running = new Set<number>();
  let most = 0;
  let overlaps = 0;
  const process = async (n: number): Promise<number> => {
    running.add(n);
    most = Math.max(most, running.size);
    if ([...running].some((other) => Math.floor(other / 4) < Math.floor(n / 4))) overlaps++;
    for (let turns = n % 4 === 1 ? 20 : 1; turns > 0; turns--) await immediate();
    running.delete(n);
    return n;
  };
  const one = await stage({ job: countingJob(40, process, { concurrency: 3 }), chunk: { items: 4 } });
  await one.submit();
  await one.step("coordinator");
  await one.step("worker", 10);
  await one.pump();
  expect(one.outputs()).toEqual(Array.from({ length: 40 }, (_, n) => n));
  expect(most).toBe(3);
  expect(overlaps).toBeGreaterThan(0);
});
