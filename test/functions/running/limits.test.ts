import type { SQSBatchResponse } from "aws-lambda";
import { expect, onTestFinished, test, vi } from "vitest";
import { workerHandler } from "../../../functions/worker.ts";
import { journalKey } from "../../../src/core/records/attempts/crash-journal.ts";
import { inFlightKey, takeRoom } from "../../../src/core/limits/in-flight.ts";
import { limitRecordKey } from "../../../src/core/limits/rate-limit.ts";
import { setSettings } from "../../../src/batch/steering/settings.ts";
import type { Job } from "../../../src/job/job.ts";
import type { Queue } from "../../../src/ports.ts";
import { countingJob } from "../../steps/jobs.ts";
import { SAMPLE_BATCH, TIMEOUT_MS, memoryStack } from "../stack/stack.ts";
import { integers } from "../stack/inputs.ts";
import { eventOf } from "../stack/sample-events.ts";
import type { Stack } from "../stack/stack-interface.ts";

const CHUNK = { kind: "chunk", batch: SAMPLE_BATCH, generation: 0, attempt: 2, source: 0 } as const;
const FIRST = { ...CHUNK, chunk: 0, start: 0, end: 4 };
const SECOND = { ...CHUNK, chunk: 1, start: 4, end: 8 };
const LIMIT = { perSecond: 1000, burst: 1000, key: null };
const RECORD = limitRecordKey("counting", null);

async function limited(process?: (n: number) => unknown): Promise<{ stack: Stack; job: Job }> {
  const job = countingJob(8, process);
  const stack = memoryStack([job]);
  await stack.submit(integers(8), { chunk: { items: 4, bytes: null }, rateLimit: LIMIT });
  return { stack, job };
}

/** No calls are given away before. */
async function pauseUntil(stack: Stack, ms: number): Promise<void> {
  await stack.ledger.update({ key: RECORD, when: [], set: { tat: ms * 1000 }, add: {} });
}

/** Runs the worker, and returns what it sent on, with its delays. */
async function run({ stack, job }: { stack: Stack; job: Job }, ...messages: (typeof FIRST)[]) {
  const sent: unknown[] = [];
  const queue: Queue = {
    async send(name, bodies, { delayMs = 0 } = {}) {
      if (name === "worker") sent.push(...bodies.map((body) => ({ body, delayMs })));
    },
  };
  const answer = await stack.invoke(
    (host) => workerHandler({ ...host, ports: { ...host.ports, queue } }, job),
    eventOf(...messages),
  );
  return { sent, failed: (answer as SQSBatchResponse).batchItemFailures.length };
}

test("chunks that a limit has no calls for go back with a delay, and that counts as no attempt", async () => {
  const calls: number[] = [];
  const at = await limited((n) => calls.push(n));
  await pauseUntil(at.stack, at.stack.clock.now() + 60_000);
  expect(await run(at, FIRST, SECOND)).toEqual({
    failed: 0,
    sent: [
      { body: { ...FIRST, waits: 1 }, delayMs: 60_000 },
      { body: { ...SECOND, waits: 1 }, delayMs: 60_000 },
    ],
  });
  expect(calls).toEqual([]);
  expect(at.stack.counts.get("AttemptsFailed")).toBeUndefined();
  expect(at.stack.counts.get("ChunksSettled")).toBeUndefined();
});

test("a chunk that was given back often comes again a little later, and another one at another time", async () => {
  const at = await limited();
  await pauseUntil(at.stack, at.stack.clock.now() + 3001);
  for (const [chunk, waits, delayMs] of [
    [FIRST, 0, 4000],
    [FIRST, 3, 5000],
    [FIRST, 9, 5000],
    [SECOND, 9, 4000],
  ] as const) {
    const message = { ...chunk, waits };
    expect((await run(at, message)).sent).toEqual([{ body: { ...chunk, waits: waits + 1 }, delayMs }]);
  }
});

test("a chunk that came back does not wait for its first call, and goes on waiting for later ones", async () => {
  const at = await limited();
  // A new chunk would wait for it.
  await pauseUntil(at.stack, at.stack.clock.now() + 1500);
  const message = { ...FIRST, waits: 2 };
  const { sent } = await run(at, message);
  expect(sent).toEqual([{ body: { ...FIRST, waits: 3 }, delayMs: 4000 }]);
});

test("a batch whose calls are paused for long ends with every item, and no item is tried twice", async () => {
  const calls: number[] = [];
  const { stack } = await limited((n) => {
    calls.push(n);
    // Time goes on, so that the next call is due.
    stack.clock.advance(1);
    return n;
  });
  await pauseUntil(stack, stack.clock.now() + 600_000);
  await stack.pump();
  expect(stack.batch()).toMatchObject({ state: "succeeded", totals: { succeeded: 8, chunks: 2 } });
  expect(calls.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test("a ledger that fails costs an attempt, and no item", async () => {
  const at = await limited();
  const { ledger } = at.stack;
  const update: typeof ledger.update = (change) =>
    change.key === RECORD ? Promise.reject(new Error("throttled")) : ledger.update(change);
  const answer = await at.stack.invoke(
    (host) => workerHandler({ ...host, ports: { ...host.ports, ledger: { ...ledger, update } } }, at.job),
    eventOf(FIRST),
  );
  expect((answer as SQSBatchResponse).batchItemFailures).toHaveLength(1);
  expect(at.stack.counts.get("AttemptsFailed")).toBe(1);
  expect(at.stack.counts.get("ItemsFailed")).toBeUndefined();
});

test("an item that waits for its call while time runs out is not to blame", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { stack, job } = await limited();
  const { ledger } = stack;
  const answers = Promise.withResolvers<void>();
  const update: typeof ledger.update = async (change) => {
    if (change.key === RECORD) await answers.promise;
    return ledger.update(change);
  };
  const answer = stack.invoke(
    (host) => workerHandler({ ...host, ports: { ...host.ports, ledger: { ...ledger, update } } }, job),
    eventOf(FIRST),
  );
  await vi.advanceTimersByTimeAsync(0);
  stack.clock.advance(TIMEOUT_MS);
  await vi.advanceTimersByTimeAsync(TIMEOUT_MS);
  answers.resolve();
  expect(((await answer) as SQSBatchResponse).batchItemFailures).toHaveLength(1);
  expect(ledger.records.get(journalKey(FIRST))).toEqual({ hurried: 2 });
});

test("a Retry-After pauses the limit for all functions", async () => {
  let tries = 0;
  const at = await limited(() => {
    // The second try would have to wait on the real clock.
    if (tries++ > 0) return "ok";
    throw Object.assign(new Error("busy"), { headers: { "retry-after": "30" } });
  });
  const { stack, job } = at;
  const sleeping = stack.invoke((host) => workerHandler(host, job), eventOf(FIRST));
  await expect
    .poll(() => stack.ledger.records.get(RECORD))
    .toEqual({
      tat: (stack.clock.now() + 30_000) * 1000,
    });
  expect((await run(at, SECOND)).sent).toMatchObject([{ delayMs: 30_000 }]);
  void sleeping;
});

test("the room for calls in flight is leased for the invocation, and given back at its end", async () => {
  const job = countingJob(8);
  const stack = memoryStack([job]);
  await stack.submit(integers(8), { chunk: { items: 4, bytes: null }, inFlight: 2 });
  expect(await run({ stack, job }, FIRST, SECOND)).toEqual({ sent: [], failed: 0 });
  expect(stack.counts.get("ItemsSucceeded")).toBe(8);
  expect(stack.ledger.records.get(inFlightKey(SAMPLE_BATCH))).toEqual({ taken: 0 });
});

test("chunks go back with a delay while other functions have all calls in flight", async () => {
  const job = countingJob(8);
  const stack = memoryStack([job]);
  await stack.submit(integers(8), { chunk: { items: 4, bytes: null }, inFlight: 1 });
  const other = { tag: "other", calls: 1, until: stack.clock.now() + 60_000 };
  await stack.ledger.update(takeRoom(SAMPLE_BATCH, 1, other, null));
  const fast = { ...stack.ledger };
  stack.ledger.update = (change) => {
    stack.clock.advance(1500);
    return fast.update(change);
  };
  const { sent, failed } = await run({ stack, job }, FIRST);
  expect({ sent, failed }).toMatchObject({ failed: 0, sent: [{ body: { ...FIRST, waits: 1 } }] });
});

test("limits that are set while a batch runs are kept by the next invocation", async () => {
  const job = countingJob(8);
  const stack = memoryStack([job]);
  await stack.submit(integers(8), { chunk: { items: 4, bytes: null } });
  await run({ stack, job }, FIRST);
  expect(stack.ledger.records.has(RECORD)).toBe(false);
  await setSettings(stack.ports, SAMPLE_BATCH, { inFlight: 2, perSecond: 1000 });
  await run({ stack, job }, SECOND);
  expect(stack.ledger.records.get(RECORD)).toEqual({ tat: expect.any(Number) as number });
  expect(stack.ledger.records.get(inFlightKey(SAMPLE_BATCH))).toEqual({ taken: 0 });
});
