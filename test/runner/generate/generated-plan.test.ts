import { expect, test } from "vitest";
import type { Json } from "../../../src/core/json/json.ts";
import { from } from "../../../src/input/from.ts";
import type { Cut, PlanEntry } from "../../../src/core/records/plan.ts";
import type { Generate } from "../../../src/input/reader.ts";
import { defineJob } from "../../../src/job/job.ts";
import type { Job } from "../../../src/job/job.ts";
import { collect } from "../../../src/joins/exact/count.ts";
import { stage } from "../../steps/stage.ts";
import { BATCH } from "../../steps/stage-spec.ts";
import type { Stage } from "../../steps/stage.ts";

function jobOf(generate: Generate): Job {
  return defineJob({
    name: "made",
    input: from(generate),
    process: (item) => item,
    join: collect(),
    retries: 0,
  });
}

async function run(generate: Generate, params: Json = null): Promise<Stage> {
  const one = await stage({ job: jobOf(generate), chunk: { items: 3 }, params });
  await one.submit();
  await one.pump();
  return one;
}

function* numbers(to: number): Generator<number> {
  for (let n = 0; n < to; n++) yield n;
}

const UP_TO_100 = [...numbers(100)];

test("the values of a generator, asynchronous or not, are the items, in order", async () => {
  for (const generate of [
    () => numbers(100),
    () => UP_TO_100,
    async function* () {
      yield* numbers(100);
    },
  ]) {
    const one = await run(generate);
    expect(one.batch()).toMatchObject({
      state: "succeeded",
      totals: { succeeded: 100, chunks: 34, units: 100 },
    });
    expect(one.outputs()).toEqual(UP_TO_100);
  }
});

test("a generator runs once, however many entries its plan has", async () => {
  let begun = 0;
  const one = await run(() => {
    begun++;
    return numbers(1000);
  });
  expect(one.batch()).toMatchObject({ chunks: 334, totals: { succeeded: 1000 } });
  expect(begun).toBe(1);
});

test("a generator of nothing is a batch of no items", async () => {
  expect((await run(() => [])).batch()).toMatchObject({ state: "succeeded", totals: { chunks: 0 } });
});

test("a generator is given the batch's parameters", async () => {
  const one = await run(({ params }) => params as string[], ["a", "b"]);
  expect(one.outputs()).toEqual(["a", "b"]);
});

test("a generated value that JSON cannot hold costs one item, with its number", async () => {
  const loop: { self?: unknown } = {};
  loop.self = loop;
  const one = await run(() => [1, undefined, 5n, () => 1, loop, 2, "!"]);
  expect(one.outputs()).toEqual([1, 2, "!"]);
  const failed = one.failed();
  expect(failed.map(({ index, code, line, offset }) => [index, code, line, offset])).toEqual(
    [1, 2, 3, 4].map((index) => [index, "ITEM_NOT_JSON", null, null]),
  );
  expect(failed[0]).toMatchObject({
    error: { message: "is undefined, which JSON cannot hold" },
    item: "undefined",
  });
  expect(failed[1]).toMatchObject({ item: "5" });
});

test("a generator that throws ends the batch, and the items before are planned", async () => {
  const one = await run(function* () {
    yield* numbers(10);
    throw new Error("out of numbers");
  });
  expect(one.batch()).toMatchObject({
    state: "failed",
    error: {
      code: "INPUT_INVALID",
      message: expect.stringMatching(
        /^the generator threw: out of numbers, at .*generated-plan\.test\.ts:\d+:11$/,
      ) as string,
    },
    chunks: 4,
  });
});

test("a function that is not a generator ends the batch, with a message that says what to write", async () => {
  for (const generate of [async () => [1], () => undefined as never, () => 7 as never]) {
    const one = await run(generate as unknown as Generate);
    expect(one.batch()).toMatchObject({ state: "failed", error: { code: "INPUT_INVALID" } });
    expect(JSON.stringify(one.batch()["error"])).toContain("write it with a star, async function* ()");
  }
});

test("a planner that takes over after any entry continues where the plan ends", async () => {
  for (let entries = 1; entries <= 3; entries++) {
    let runs = 0;
    const one = await stage({
      job: jobOf(function* () {
        runs++;
        yield* numbers(400);
      }),
      chunk: { items: 2 },
    });
    await one.submit();
    let written = 0;
    one.hook = ({ method, of }, when) => {
      if (method === "send" && of === "worker" && when === "before" && ++written > entries)
        throw new Error("crash");
    };
    await expect(one.step("coordinator")).resolves.toBe(1);
    one.hook = () => undefined;
    // Another process does not have the running generator.
    await one.runner.plan({ spec: one.spec, last: null, next: { count: 1, bytes: 1, items: 1 } });
    await one.pump();
    expect(one.outputs()).toEqual([...numbers(400)]);
    expect(one.batch()).toMatchObject({ state: "succeeded", totals: { chunks: 200 } });
    expect(runs).toBeGreaterThan(1);
  }
});

test("a generator that yields other items the second time is an error", async () => {
  let runs = 0;
  const one = await stage({ job: jobOf(() => ["x".repeat(++runs), "b", "c"]) });
  const next = { count: 1, bytes: 1_000, items: 1 };
  const first = await one.runner.plan({ spec: one.spec, last: null, next });
  const again = { ranges: [{ source: 0, start: 0, end: 4 }], entry: 0, first: 0 };
  expect(first?.ranges).toEqual(again.ranges);
  await one.runner.plan({ spec: one.spec, last: null, next });
  await expect(
    one.runner.plan({ spec: one.spec, last: { ...again, ranges: [{ source: 0, start: 0, end: 2 }] }, next }),
  ).rejects.toThrow("yielded other items");
});

test("an entry is written while the next item is slow to come, and the generator continues after it", async () => {
  const gate = Promise.withResolvers<void>();
  const one = await stage({
    job: jobOf(async function* () {
      yield 1;
      await gate.promise;
      yield 2;
    }),
  });
  const next = { count: 100, bytes: 1_000, items: 100 };
  const first = await one.runner.plan({ spec: one.spec, last: null, next });
  expect(first).toMatchObject({ ranges: [{ start: 0, end: 2 }], spool: { base: 0, length: 2 } });
  gate.resolve();
  const last = { entry: 0, first: 0, ...first! };
  const second = await one.runner.plan({ spec: one.spec, last, next });
  expect(second).toMatchObject({ ranges: [{ start: 2, end: 4 }], spool: { base: 2, length: 2 } });
});

test("with a size of chunks, an entry waits for the rest of a chunk, and not for another one", async () => {
  const slowly = async function* (): AsyncGenerator<number> {
    for (const n of numbers(7)) {
      yield n;
      // Longer than an entry waits otherwise.
      if (n === 1 || n === 2) await new Promise((resolve) => setTimeout(resolve, 300));
    }
  };
  const one = await stage({ job: jobOf(slowly), chunk: { items: 3 } });
  const next = { count: 100, bytes: 1_000, items: 3 };
  const plan: Cut[] = [];
  for (let last: PlanEntry | null = null; ;) {
    const cut: Cut | null = await one.runner.plan({ spec: one.spec, last, next });
    if (cut === null || cut.ranges.length === 0) break;
    plan.push(cut);
    last = { entry: 0, first: 0, ...cut };
  }
  // Each number and its newline are two bytes.
  expect(plan.map(({ ranges }) => ranges.map(({ start, end }) => (end - start) / 2))).toEqual([[3], [3, 1]]);
});

test("a waiting generator is abandoned when the batch ends early", async () => {
  const one = await stage({
    job: jobOf(async function* ({ signal }) {
      await new Promise(() => signal);
      yield 1;
    }),
  });
  const plan = one.runner.plan({ spec: one.spec, last: null, next: { count: 1, bytes: 1, items: 1 } });
  await Promise.resolve();
  one.interrupt();
  expect(await plan).toBeNull();
  expect(one.spec.batch).toBe(BATCH);
});

test("a value that is not a function is refused", () => {
  expect(() => from([1] as never)).toThrow("from() takes a generator function");
});

test("an entry that could not be written costs no item", async () => {
  const one = await stage({ job: jobOf(() => numbers(100)), chunk: { items: 3 } });
  await one.submit();
  let failures = 0;
  one.hook = ({ method, of }, when) => {
    if (method === "create" && of === "spool/items" && when === "before" && failures++ === 0)
      throw new Error("the disk is full");
  };
  await one.pump();
  expect(failures).toBeGreaterThan(1);
  expect(one.outputs()).toEqual(UP_TO_100);
});
