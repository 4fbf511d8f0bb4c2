/** Items that are awaited, and the order in which they are joined. */
import { setImmediate as immediate } from "node:timers/promises";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { count } from "../../../src/joins/exact/count.ts";
import { sum } from "../../../src/joins/exact/sum.ts";
import { range } from "../../../src/input/range.ts";
import { defineJob } from "../../../src/job/job.ts";
import type { Job } from "../../../src/job/job.ts";
import { countingJob, inOrder, upTo } from "../../steps/jobs.ts";
import { stage } from "../../steps/stage.ts";
import { chunkRuns } from "./chunk-runs.ts";
import { run } from "./run-stage.ts";

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

test("a chunk is whole however soon after each other its items end, in one turn of the event loop", async () => {
  const cases = fc.record({
    turns: fc.array(fc.nat(5), { minLength: 1, maxLength: 9 }),
    concurrency: fc.integer({ min: 1, max: 5 }),
  });
  const property = fc.asyncProperty(cases, async ({ turns, concurrency }) => {
    const process = (n: number): unknown => {
      const waits = Array.from({ length: turns[n] ?? 0 });
      const first: Promise<unknown> = Promise.resolve(n);
      return waits.length === 0
        ? n
        : waits.reduce<Promise<unknown>>((wait) => wait.then((own) => own), first);
    };
    const items = turns.length;
    const job = countingJob(items, process, { concurrency });
    const { done } = await (await chunkRuns({ job, chunk: { items } })).run();
    expect(done).toMatchObject([{ child: 0, totals: { succeeded: items } }]);
  });
  await fc.assert(property, { numRuns: 100 });
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
