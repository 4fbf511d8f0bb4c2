import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Host } from "../../functions/host/middleware.ts";
import { workerHandler } from "../../functions/worker.ts";
import { journalKey } from "../../src/core/records/attempts/crash-journal.ts";
import { noteOpen } from "../../src/core/records/attempts/attempt-traces.ts";
import type { Job } from "../../src/job/job.ts";
import type { DescribeRequest } from "../../src/job/describe-job.ts";
import { cancel } from "../../src/batch/submit.ts";
import { countingJob } from "../steps/jobs.ts";
import { SAMPLE_BATCH, TIMEOUT_MS, memoryStack } from "./stack/stack.ts";
import { integers } from "./stack/inputs.ts";
import { eventOf, readSample, sample } from "./stack/sample-events.ts";
import type { Stack } from "./stack/stack-interface.ts";

const CHUNK = { kind: "chunk", batch: SAMPLE_BATCH, generation: 0, attempt: 1, source: 0 } as const;
const FIRST = { ...CHUNK, chunk: 0, start: 0, end: 4 };
const SECOND = { ...CHUNK, chunk: 1, start: 4, end: 8 };
const THIRD = { ...CHUNK, chunk: 2, start: 8, end: 10 };

interface Direct {
  readonly messages: readonly unknown[];
}
interface Describe {
  readonly describe: DescribeRequest;
}

const counting = (process?: (n: number) => unknown): Job => countingJob(10, process);
const working = (job: Job) => (host: Host) => workerHandler(host, job);

async function planned(job: Job): Promise<Stack> {
  const stack = memoryStack([job]);
  await stack.submit(integers(10), { chunk: { items: 4, bytes: null } });
  return stack;
}

async function run(stack: Stack, job: Job, event: SQSEvent): Promise<string[]> {
  const answer = await stack.invoke(working(job), event);
  return (answer as SQSBatchResponse).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

describe("the worker", () => {
  test("runs the chunks that SQS brings, and reports no failures", async () => {
    const job = counting();
    const stack = await planned(job);
    expect(await run(stack, job, sample("worker"))).toEqual([]);
    expect(Object.fromEntries(stack.counts)).toEqual({ ChunksSettled: 3, ItemsSucceeded: 10 });
    expect(stack.chunkTimes).toHaveLength(3);
  });

  test("runs all other chunks of an invocation while an item of the first one waits", async () => {
    const others = Promise.withResolvers<number>();
    let left = 9;
    const process = async (n: number): Promise<number> => {
      if (n === 0) return others.promise;
      await new Promise(setImmediate);
      if (--left === 0) others.resolve(0);
      return n;
    };
    const job = countingJob(10, process, { concurrency: 2 });
    const stack = await planned(job);
    expect(await run(stack, job, sample("worker"))).toEqual([]);
    expect(Object.fromEntries(stack.counts)).toEqual({ ChunksSettled: 3, ItemsSucceeded: 10 });
  });

  test("counts a chunk once that is delivered three times", async () => {
    const job = counting();
    const stack = await planned(job);
    expect(await run(stack, job, sample("worker-again"))).toEqual([]);
    expect(await run(stack, job, sample("worker"))).toEqual([]);
    expect(Object.fromEntries(stack.counts)).toEqual({ ChunksSettled: 3, ItemsSucceeded: 10 });
  });

  test("reports bodies that are not chunks as failed, logs them, and runs the others", async () => {
    const job = counting();
    const stack = await planned(job);
    const event = sample("worker-malformed");
    const [, ...malformed] = event.Records.map(({ messageId }) => messageId);
    expect(await run(stack, job, event)).toEqual(malformed);
    expect(stack.counts.get("ChunksSettled")).toBe(1);
    expect(stack.lines.map(({ fields }) => fields["body"])).toEqual(
      event.Records.slice(1).map(({ body }) => body),
    );
  });

  test("runs the chunks of a direct invocation", async () => {
    const job = counting();
    const stack = await planned(job);
    expect(await stack.invoke(working(job), readSample("worker-direct") as Direct)).toBe(null);
    expect(stack.counts.get("ChunksSettled")).toBe(3);
  });

  test("drops a message that is not a chunk from a direct invocation, and logs it", async () => {
    const job = counting();
    const stack = await planned(job);
    await stack.invoke(working(job), { messages: [FIRST, { kind: "chunk" }, "hello"] });
    expect(stack.counts.get("ChunksSettled")).toBe(1);
    expect(stack.lines.filter(({ level }) => level === "error")).toHaveLength(2);
  });

  test("describes its job", async () => {
    const job = counting();
    const stack = await planned(job);
    expect(await stack.invoke(working(job), readSample("worker-describe") as Describe)).toMatchObject({
      job: { name: "counting", input: { kind: "range" }, joins: true },
    });
  });

  test("says which code was deployed", async () => {
    const job = counting();
    const stack = await planned(job);
    const deployed = (host: Host): ReturnType<typeof workerHandler> =>
      workerHandler({ ...host, environment: { ...host.environment, code: "a-hash" } }, job);
    const answer = await stack.invoke(deployed, readSample("worker-describe") as Describe);
    expect(answer).toMatchObject({ job: { code: "a-hash" } });
  });

  test("says why its job refuses the params", async () => {
    const validate = (): object => ({ issues: [{ message: "too many", path: ["limit"] }] });
    const params = { "~standard": { version: 1, vendor: "test", validate } } as unknown as Job["params"];
    const job = { ...counting(), params };
    const stack = await planned(job);
    const answer = await stack.invoke(working(job), readSample("worker-describe") as Describe);
    expect(answer).toMatchObject({
      error: { code: "JOB_INVALID", message: expect.stringContaining("too many") as string },
    });
  });

  test("does not throw when its ports do, and fails only the chunks concerned", async () => {
    const job = counting();
    const stack = await planned(job);
    const { ledger } = stack;
    const broken = { ...ledger, read: () => Promise.reject(new Error("throttled")) };
    const failing = (host: Host) => workerHandler({ ...host, ports: { ...host.ports, ledger: broken } }, job);
    const answer = await stack.invoke(failing, eventOf(FIRST, SECOND));
    expect((answer as SQSBatchResponse).batchItemFailures).toHaveLength(2);
    expect(stack.counts.get("AttemptsFailed")).toBe(2);
    expect(stack.lines[0]?.fields).toMatchObject({ batch: SAMPLE_BATCH, chunk: 0, attempt: 1 });
  });

  test("leaves a chunk alone while another attempt at it is running", async () => {
    const ran: number[] = [];
    const job = counting((n) => ran.push(n));
    const stack = await planned(job);
    const open = { index: 1, until: stack.clock.now() + 1000, attempt: 2, tag: "other" };
    await stack.ledger.update(noteOpen(FIRST, open));
    const event = sample("worker-again");
    expect(await run(stack, job, { Records: event.Records.slice(0, 1) })).toHaveLength(1);
    expect(ran).toEqual([]);
    stack.clock.advance(1001);
    expect(await run(stack, job, { Records: event.Records.slice(0, 1) })).toEqual([]);
    expect(ran).toEqual([0, 1, 2, 3]);
    expect(stack.ledger.records.get(journalKey(FIRST))).toEqual({ x1: 1 });
  });

  test("adds chunk and attempt to every line of a job's log", async () => {
    const job = countingJob(10, (n: number, { log }) => {
      log.info("hello", { n });
      return n;
    });
    const stack = await planned(job);
    await run(stack, job, { Records: sample("worker-again").Records.slice(2) });
    expect(stack.lines[0]).toEqual({
      level: "info",
      message: "hello",
      fields: { n: 4, job: "counting", batch: SAMPLE_BATCH, chunk: 1, attempt: 2 },
    });
  });
});

describe("a worker with little time", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  async function pass(stack: Stack, ms: number): Promise<void> {
    // Chunks that do not have to wait come first.
    await vi.advanceTimersByTimeAsync(0);
    stack.clock.advance(ms);
    await vi.advanceTimersByTimeAsync(ms);
  }

  const never = (): Promise<never> => new Promise(() => {});

  test("stops in time: finished chunks are settled, the running one counts an attempt, the rest is sent on at no cost", async () => {
    const job = counting((n) => (n === 4 ? never() : n));
    const stack = await planned(job);
    const answer = run(stack, job, eventOf(FIRST, SECOND, THIRD));
    await pass(stack, TIMEOUT_MS);
    expect(await answer).toEqual(["m1"]);
    expect(stack.counts.get("ChunksSettled")).toBe(1);
    expect(stack.queue.take("worker")).toEqual([THIRD]);
  });

  test("gives an item a whole careful attempt, and fails it as ITEM_TIMEOUT if that is not enough", async () => {
    let tries = 0;
    const job = counting((n) => (n === 4 && ++tries > 0 ? never() : n));
    const stack = await planned(job);
    const again = (attempt: number): SQSEvent => eventOf({ ...SECOND, attempt });
    const careful = run(stack, job, again(2));
    await pass(stack, TIMEOUT_MS);
    expect(await careful).toEqual(["m0"]);
    const last = run(stack, job, again(3));
    await pass(stack, 1);
    expect(await last).toEqual([]);
    expect(tries).toBe(1);
    expect(stack.counts.get("ItemsFailed")).toBe(1);
    expect(stack.ledger.records.get(journalKey(SECOND))).toMatchObject({ i0: { code: "ITEM_TIMEOUT" } });
  });

  test("blames no item that took little of the time: the chunk runs once more alone, at full speed", async () => {
    // The items of the other chunk take nearly all of the time.
    const ms = (n: number): number => (n < 4 ? 7000 : 45_000);
    const job = countingJob(10, (n: number) => new Promise((resolve) => setTimeout(resolve, ms(n), 1)), {
      concurrency: 10,
    });
    const stack = await planned(job);
    const careful = run(stack, job, eventOf(THIRD, { ...FIRST, attempt: 2 }));
    for (let n = 0; n < 60; n++) await pass(stack, 1000);
    expect(await careful).toEqual(["m1"]);
    expect(stack.ledger.records.get(journalKey(FIRST))).toEqual({ hurried: 2 });
    const quick = run(stack, job, eventOf({ ...FIRST, attempt: 3 }));
    for (let n = 0; n < 8; n++) await pass(stack, 1000);
    expect(await quick).toEqual([]);
    expect(stack.counts.get("ItemsSucceeded")).toBe(6);
  });

  test("notices within two seconds that its chunks are not wanted, and does not ask for them again", async () => {
    const job = counting((n) => (n === 1 ? never() : n));
    const stack = await planned(job);
    const answer = run(stack, job, eventOf(FIRST, SECOND));
    await pass(stack, 100);
    await cancel(stack.ports, SAMPLE_BATCH);
    await pass(stack, 2000);
    expect(await answer).toEqual([]);
    expect(stack.queue.waiting("worker")).toBe(0);
  });

  test("does not begin chunks when its time is up", async () => {
    const ran: number[] = [];
    const job = counting((n) => ran.push(n));
    const stack = await planned(job);
    const handle = workerHandler(stack.host, job);
    await handle(eventOf(FIRST), { getRemainingTimeInMillis: () => 0 });
    expect(ran).toEqual([]);
    expect(stack.queue.take("worker")).toEqual([FIRST]);
  });

  test("sends the failed chunk of a direct invocation on as the next attempt, because Lambda does not", async () => {
    const job = counting((n) => (n === 4 ? never() : n));
    const stack = await planned(job);
    const answer = stack.invoke(working(job), { messages: [FIRST, SECOND, THIRD] });
    await pass(stack, TIMEOUT_MS);
    await answer;
    expect(stack.queue.take("worker")).toEqual([THIRD, { ...SECOND, attempt: 2 }]);
  });

  test("tells items how long they have: until the invocation ends, less the time to settle", async () => {
    const left: number[] = [];
    const job = countingJob(10, (n: number, context) => {
      left.push(context.remainingMs());
      return n;
    });
    const stack = await planned(job);
    await run(stack, job, eventOf(THIRD));
    expect(left[0]).toBe(TIMEOUT_MS - 9000);
  });
});
