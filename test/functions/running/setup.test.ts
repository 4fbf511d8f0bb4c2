import type { SQSEvent } from "aws-lambda";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { workerHandler } from "../../../functions/worker.ts";
import type { Host } from "../../../functions/host/middleware.ts";
import type { DescribeRequest } from "../../../src/job/describe-job.ts";
import type { Job } from "../../../src/job/job.ts";
import { countingJob, upTo } from "../../steps/jobs.ts";
import { SAMPLE_BATCH, TIMEOUT_MS, memoryStack } from "../stack/stack.ts";
import { integers } from "../stack/inputs.ts";
import type { Stack } from "../stack/stack-interface.ts";
import { eventOf, readSample, sample } from "../stack/sample-events.ts";

const CHUNKS = { chunk: { items: 4, bytes: null } };
const FIRST = {
  kind: "chunk",
  batch: SAMPLE_BATCH,
  generation: 0,
  attempt: 1,
  source: 0,
  chunk: 0,
  start: 0,
  end: 4,
} as const;

/** A job whose items are worth what `setup` returned. */
function owner(hooks: Partial<Job>): Job {
  return { ...countingJob(10, (n: number, { own }) => n + (own as number)), ...hooks };
}

async function planned(job: Job): Promise<Stack> {
  const stack = memoryStack([job]);
  await stack.submit(integers(10), CHUNKS);
  return stack;
}

test("an environment runs setup once, before the first item of all its invocations", async () => {
  const setup = vi.fn<() => Promise<number>>(async () => 0);
  const job = owner({ setup });
  const stack = await planned(job);
  const handle = workerHandler(stack.host, job);
  const context = { getRemainingTimeInMillis: () => TIMEOUT_MS };
  await handle(sample("worker"), context);
  await handle(sample("worker-again"), context);
  expect(setup).toHaveBeenCalledTimes(1);
  await stack.pump();
  expect(stack.batch()).toMatchObject({ state: "succeeded", totals: { succeeded: 10 } });
  expect(stack.files().result?.value).toMatchObject({ order: upTo(10) });
});

test("a function that describes its job runs no setup", async () => {
  const setup = vi.fn<() => void>();
  const job = owner({ setup });
  const stack = await planned(job);
  const event = readSample("worker-describe") as { readonly describe: DescribeRequest };
  await stack.invoke((host: Host) => workerHandler(host, job), event);
  expect(setup).not.toHaveBeenCalled();
});

test("a setup that fails on every attempt ends the batch, and no item fails", async () => {
  const setup = vi.fn<() => Promise<never>>(() => Promise.reject(new Error("no database")));
  const stack = await planned(owner({ setup }));
  await stack.pump();
  expect(stack.batch()).toMatchObject({
    state: "failed",
    totals: { succeeded: 0, failed: 0, broken: 0 },
    error: {
      code: "SETUP_FAILED",
      message: expect.stringMatching(/^setup of the job counting threw: no database.*; 3 attempts failed$/),
    },
  });
  // One for all three chunks, and one for each alone, until three in a row have failed.
  expect(setup.mock.calls.length).toBe(4);
});

test("a setup that fails twice costs its chunks two attempts, and no item", async () => {
  let calls = 0;
  const setup = (): number => {
    if (++calls < 3) throw new Error("not yet");
    return 0;
  };
  const stack = await planned(owner({ setup }));
  await stack.pump();
  expect(stack.batch()).toMatchObject({ state: "succeeded", totals: { succeeded: 10 } });
});

test("teardown runs when the environment is told to shut down", async () => {
  let shutDown = (): Promise<void> => Promise.reject(new Error("nothing listens"));
  const teardown = vi.fn<(own: unknown) => void>();
  const job = owner({ setup: () => 0, teardown });
  const stack = await planned(job);
  const handle = workerHandler({ ...stack.host, onShutdown: (end) => void (shutDown = end) }, job);
  await handle(sample("worker"), { getRemainingTimeInMillis: () => TIMEOUT_MS });
  await shutDown();
  expect(teardown.mock.calls).toEqual([[0]]);
});

test("a job without teardown listens for no shutdown", async () => {
  const onShutdown = vi.fn<() => void>();
  const job = owner({ setup: () => 0 });
  const stack = await planned(job);
  workerHandler({ ...stack.host, onShutdown }, job);
  expect(onShutdown).not.toHaveBeenCalled();
});

test("a setup that is cut off by the end of its invocation has failed, and its chunk counts an attempt", async () => {
  vi.useFakeTimers();
  const stack = await planned(owner({ setup: () => new Promise(() => {}) }));
  const job = owner({ setup: () => new Promise(() => {}) });
  const event: SQSEvent = eventOf({ ...FIRST, attempt: 2 });
  const answer = stack.invoke((host: Host) => workerHandler(host, job), event);
  await vi.advanceTimersByTimeAsync(0);
  stack.clock.advance(TIMEOUT_MS);
  await vi.advanceTimersByTimeAsync(TIMEOUT_MS);
  expect(await answer).toMatchObject({ batchItemFailures: [{ itemIdentifier: "m0" }] });
  expect(JSON.stringify(stack.lines)).toContain("attempt at a chunk failed");
});

beforeEach(() => void vi.useRealTimers());
afterEach(() => void vi.useRealTimers());
