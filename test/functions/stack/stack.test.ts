import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { locator } from "../../../src/aws/store/object-name.ts";
import { coordinator } from "../../../src/steps/coordinator.ts";
import { from } from "../../../src/input/from.ts";
import { lines } from "../../../src/input/lines.ts";
import { defineJob } from "../../../src/job/job.ts";
import type { Job } from "../../../src/job/job.ts";
import { cancel } from "../../../src/batch/submit.ts";
import { countingJob, inOrder, upTo } from "../../steps/jobs.ts";
import { memoryStack, SAMPLE_BATCH, sweep } from "./stack.ts";
import { GENERATED, integers } from "./inputs.ts";

function result(stack: ReturnType<typeof memoryStack>): unknown {
  return JSON.parse(stack.store.text(stack.files().result?.name ?? ""));
}

test.each([false, true])(
  "a batch runs through the functions to its end (by direct invocation: %s)",
  async (direct) => {
    const stack = memoryStack([countingJob(300)], { direct });
    await stack.submit(integers(300), { chunk: { items: 2, bytes: null } });
    await stack.pump();
    expect(stack.batch()).toMatchObject({ state: "succeeded", totals: { chunks: 150, succeeded: 300 } });
    expect(result(stack)).toEqual({ order: upTo(300), all: 300 });
    expect(Object.fromEntries(stack.counts)).toEqual({
      ChunksSettled: 150,
      ItemsSucceeded: 300,
      BatchesEnded: 1,
    });
    expect(stack.lines.filter(({ level }) => level !== "info")).toEqual([]);
  },
);

test.each([
  ["planned", true],
  ["submitted", false],
])(
  "a batch that an earlier version let read another job's objects, and %s, ends with the reason",
  async (_, planned) => {
    const job = defineJob({
      name: "lines",
      input: lines(),
      process: (line) => line,
      join: { order: inOrder },
    });
    const stack = memoryStack([job]);
    const name = "s3://shop-data/attempts/AbCdEfGhIjKlMnOp/partial";
    stack.store.put(name, "a\nb\n");
    const { bytes: size, version } = (await stack.store.stat(name)) ?? { bytes: 0, version: "" };
    await stack.submit({ reader: "lines", options: {}, sources: [{ name, label: "x", size, version }] });
    if (planned)
      await coordinator(
        stack.ports,
        { plan: () => Promise.resolve(null) },
        { kind: "plan", batch: SAMPLE_BATCH, entry: 0 },
      );
    const read = stack.store.read.bind(stack.store);
    const locate = locator("shop-data", []);
    Object.assign(stack.store, {
      read: (one: string, ...range: [number, number]) => (locate(one), read(one, ...range)),
    });
    await stack.pump();
    expect(stack.batch()).toMatchObject({ state: "failed", error: { code: "INPUT_FORBIDDEN" } });
  },
);

test.each([false, true])(
  "an item that ends its process is the one that has failed, at the second death (by direct invocation: %s)",
  async (direct) => {
    let deaths = 0;
    const job = countingJob(40, (n: number) => {
      if (n !== 13) return n;
      deaths++;
      return stack.die();
    });
    const stack = memoryStack([job], { direct });
    await stack.submit(integers(40), { chunk: { items: 4, bytes: null } });
    await stack.pump();
    expect(stack.batch()).toMatchObject({
      state: "completed-with-failures",
      totals: { chunks: 10, broken: 0, succeeded: 39, failed: 1 },
    });
    expect(stack.failed()).toMatchObject([{ index: 13, code: "ITEM_CRASHED", item: "13", chunk: 3 }]);
    expect(result(stack)).toEqual({ order: upTo(40).replace(",13,", ","), all: 39 });
    // One in the attempt that was not careful, and two that count.
    expect(deaths).toBe(3);
  },
);

test("a chunk of items that all end their process fails each of them: explained deaths cost the chunk nothing", async () => {
  const job = countingJob(8, () => stack.die());
  const stack = memoryStack([job]);
  await stack.submit(integers(8), { chunk: { items: 8, bytes: null } });
  await stack.pump();
  expect(stack.batch()).toMatchObject({ totals: { chunks: 1, broken: 0, succeeded: 0, failed: 8 } });
  expect(new Set(stack.failed().map(({ code }) => code))).toEqual(new Set(["ITEM_CRASHED"]));
});

test("failed items are grouped in the batch's record, with the first places of each group", async () => {
  const job = countingJob(400, (n: number) => {
    if (n % 4 === 1) throw new RangeError(`customer ${10_000 + n} is unknown`);
    if (n % 100 === 0) throw new Error("no hundreds");
    return n;
  });
  const stack = memoryStack([job]);
  await stack.submit(integers(400), { chunk: { items: 2, bytes: null } });
  await stack.pump();
  const { failures } = stack.files().failed ?? {};
  expect(failures).toMatchObject({
    groups: [
      { code: "ITEM_FAILED", class: "RangeError", message: "customer … is unknown", count: 100 },
      { code: "ITEM_FAILED", class: "Error", message: "no hundreds", count: 4 },
    ],
    others: 0,
  });
  expect(failures?.groups.map(({ first }) => first.map(({ index }) => index))).toEqual([
    Array.from({ length: 20 }, (_, n) => 4 * n + 1),
    [0, 100, 200, 300],
  ]);
});

test("a process that dies without an open item costs its chunks nothing", async () => {
  let deaths = 0;
  const job = countingJob(20, (n: number) => (n === 7 && deaths++ === 0 ? stack.die() : n));
  const stack = memoryStack([job]);
  await stack.submit(integers(20), { chunk: { items: 2, bytes: null } });
  await stack.pump();
  expect(stack.batch()).toMatchObject({ state: "succeeded", totals: { succeeded: 20 } });
});

test("generated items are planned by the function with the job's code", async () => {
  const job = defineJob({
    name: "made",
    input: from(async function* () {
      for (let n = 0; n < 50; n++) yield n;
    }),
    process: (n: number) => n,
    join: { order: inOrder },
  });
  const stack = memoryStack([job]);
  await stack.submit(GENERATED);
  await stack.pump();
  expect(result(stack)).toEqual({ order: upTo(50) });
});

test("a cancel ends a batch that has not begun, and one whose chunks are queued", async () => {
  const stack = memoryStack([countingJob(20)]);
  await stack.submit(integers(20), { chunk: { items: 2, bytes: null } });
  await cancel(stack.ports, SAMPLE_BATCH);
  await stack.pump();
  expect(stack.batch()).toMatchObject({ state: "cancelled", totals: { succeeded: 0 } });
});

test("the sweeper ends a batch at its deadline", async () => {
  const stack = memoryStack([countingJob(20)]);
  await stack.submit(integers(20), { deadlineAt: stack.clock.now() + 1000 });
  stack.queue.take("coordinator");
  stack.clock.advance(1000);
  await sweep(stack);
  await stack.pump();
  expect(stack.batch()).toMatchObject({ state: "failed", error: { code: "DEADLINE_EXCEEDED" } });
});

test("a job whose code no longer accepts the batch's params fails the batch with that reason", async () => {
  const params = {
    "~standard": {
      version: 1 as const,
      vendor: "test",
      validate: () => ({ issues: [{ message: "no longer", path: ["limit"] }] }),
    },
  };
  const job: Job = { ...countingJob(4), params };
  const stack = memoryStack([job]);
  await stack.submit(integers(4), { chunk: { items: 2, bytes: null } });
  await stack.pump();
  expect(stack.batch()).toMatchObject({ state: "failed", error: { code: "JOB_INVALID" } });
});

test("a packed upload is unpacked by the coordinator", async () => {
  const job = defineJob({
    name: "numbers",
    input: lines(),
    process: (line) => line,
    join: { order: inOrder },
  });
  const stack = memoryStack([job]);
  const text = Array.from({ length: 500 }, (_, n) => `${n}\n`).join("");
  stack.store.put("s3://shop-data/uploads/numbers/n.txt.gz", gzipSync(text));
  const stat = await stack.store.stat("s3://shop-data/uploads/numbers/n.txt.gz");
  const name = "s3://shop-data/uploads/numbers/n.txt.gz";
  const source = { name, label: "n.txt.gz", size: stat?.bytes ?? 0, version: stat?.version ?? "" };
  await stack.submit({ reader: "lines", options: job.input.options, sources: [source] });
  await stack.pump();
  expect(result(stack)).toEqual({ order: upTo(500) });
});
