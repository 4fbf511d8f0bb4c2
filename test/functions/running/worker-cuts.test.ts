import type { SQSBatchResponse } from "aws-lambda";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { workerHandler } from "../../../functions/worker.ts";
import { SplitView } from "../../../src/core/records/split.ts";
import { nodeKey } from "../../../src/core/records/tree.ts";
import type { Job } from "../../../src/job/job.ts";
import { countingJob } from "../../steps/jobs.ts";
import { SAMPLE_BATCH, TIMEOUT_MS, memoryStack } from "../stack/stack.ts";
import { integers } from "../stack/inputs.ts";
import { eventOf } from "../stack/sample-events.ts";
import type { Stack } from "../stack/stack-interface.ts";

const CHUNK = { batch: SAMPLE_BATCH, generation: 0, attempt: 1, source: 0 } as const;
const SECOND = { kind: "chunk", ...CHUNK, chunk: 1, start: 4, end: 8 } as const;
const THIRD = { kind: "chunk", ...CHUNK, chunk: 2, start: 8, end: 10 } as const;

function splitOf(stack: Stack, chunk: number): SplitView | null {
  const node = { batch: SAMPLE_BATCH, generation: 0, level: -1, index: chunk };
  const fields = stack.ledger.records.get(nodeKey(node));
  return fields ? new SplitView(fields) : null;
}

describe("a worker whose time is up in a chunk", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("settles what is done, sends the rest as a part, and sends on what it has not begun", async () => {
    const job = countingJob(10, (n: number) => (n === 6 ? new Promise(() => {}) : n));
    const stack = memoryStack([job]);
    await stack.submit(integers(10), { chunk: { items: 4, bytes: null } });
    const answer = stack.invoke((host) => workerHandler(host, job), eventOf(SECOND, THIRD));
    await vi.advanceTimersByTimeAsync(0);
    stack.clock.advance(TIMEOUT_MS);
    await vi.advanceTimersByTimeAsync(TIMEOUT_MS);
    expect(((await answer) as SQSBatchResponse).batchItemFailures).toEqual([]);
    expect(stack.queue.take("worker")).toEqual([
      { kind: "part", ...CHUNK, chunk: 1, part: 1, start: 6, end: 8 },
      THIRD,
    ]);
    expect(splitOf(stack, 1)?.fields).toMatchObject({
      end: 8,
      expects: 2,
      s0: 4,
      s1: 6,
      settled: 1,
      units: 2,
    });
    expect(Object.fromEntries(stack.counts)).toEqual({ ItemsSucceeded: 2 });
  });
});

test("an item that ends because the time is up has not failed: it runs in the rest", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const job = countingJob(
    10,
    (n: number, { signal }) => {
      if (n !== 6) return Promise.resolve(n);
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped"))));
    },
    { concurrency: 2 },
  );
  const stack = memoryStack([job]);
  await stack.submit(integers(10), { chunk: { items: 4, bytes: null } });
  const answer = stack.invoke((host) => workerHandler(host, job), eventOf(SECOND));
  await vi.advanceTimersByTimeAsync(0);
  stack.clock.advance(TIMEOUT_MS);
  await vi.advanceTimersByTimeAsync(TIMEOUT_MS);
  await answer;
  // Items 4, 5 and 7 are done.
  expect(Object.fromEntries(stack.counts)).toEqual({ ItemsSucceeded: 3 });
  expect(stack.queue.take("worker")).toEqual([
    { kind: "part", ...CHUNK, chunk: 1, part: 1, start: 6, end: 7 },
  ]);
});

test("a worker that stops a chunk before the time is up sends on what it has not begun", async () => {
  const job = countingJob(10, (n: number) => {
    stack.clock.advance(16_000);
    return n;
  });
  const stack: Stack = memoryStack([job]);
  await stack.submit(integers(10), { chunk: { items: 4, bytes: null } });
  const answer = await stack.invoke((host) => workerHandler(host, job), eventOf(SECOND, THIRD));
  expect((answer as SQSBatchResponse).batchItemFailures).toEqual([]);
  const part = { kind: "part", ...CHUNK, chunk: 1, part: 1, start: 7, end: 8 };
  expect(stack.queue.take("worker")).toEqual([part, THIRD]);
});

describe("a chunk that takes longer than an invocation", () => {
  /** Each item takes four seconds, so an invocation has time for some twelve of them. */
  const slow = (stack: () => Stack, process: (n: number) => unknown = (n) => n): Job =>
    countingJob(100, (n: number) => {
      stack().clock.advance(4000);
      return process(n);
    });

  test.each([
    { transport: "SQS", direct: false },
    { transport: "direct invocations", direct: true },
  ])("ends over $transport, with the result of one run", async ({ direct }) => {
    const ran: number[] = [];
    const job = slow(
      () => stack,
      (n) => {
        ran.push(n);
        if (n % 10 === 3) throw new RangeError(`${n} is bad`);
        return n;
      },
    );
    const stack: Stack = memoryStack([job], { direct });
    await stack.submit(integers(100), { chunk: { items: 100, bytes: null } });
    await stack.pump();
    expect(stack.batch()).toMatchObject({
      state: "completed-with-failures",
      totals: { chunks: 1, lost: 0, broken: 0, succeeded: 90, failed: 10, units: 100 },
    });
    expect(ran).toEqual(Array.from({ length: 100 }, (_, n) => n));
    expect(splitOf(stack, 0)?.expects).toBeGreaterThan(5);
    expect(stack.failed().map(({ index }) => index)).toEqual([3, 13, 23, 33, 43, 53, 63, 73, 83, 93]);
    expect(stack.counts.get("ItemsSucceeded")).toBe(90);
  });

  test("fails an item that takes a whole invocation, and runs the others", async () => {
    const job = slow(
      () => stack,
      (n) => {
        if (n === 20) stack.clock.advance(TIMEOUT_MS);
        return n;
      },
    );
    const stack: Stack = memoryStack([job]);
    await stack.submit(integers(100), { chunk: { items: 100, bytes: null } });
    await stack.pump();
    expect(stack.batch()["totals"]).toMatchObject({
      chunks: 1,
      lost: 0,
      succeeded: 100 - stack.failed().length,
    });
  });
});
