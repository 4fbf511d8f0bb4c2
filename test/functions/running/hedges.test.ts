/** Hedges on the functions: a chunk that hangs runs once more elsewhere, and the loser stops by itself. */
import type { SQSBatchResponse } from "aws-lambda";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { coordinatorHandler } from "../../../functions/coordinator.ts";
import { joinHandler } from "../../../functions/join.ts";
import { workerHandler } from "../../../functions/worker.ts";
import { summarize } from "../../../src/batch/summary/summary.ts";
import type { ChunkMessage } from "../../../src/core/records/message.ts";
import type { Job } from "../../../src/job/job.ts";
import { countingJob, upTo } from "../../steps/jobs.ts";
import { SAMPLE_BATCH, memoryStack } from "../stack/stack.ts";
import { integers } from "../stack/inputs.ts";
import { eventOf } from "../stack/sample-events.ts";
import type { Stack } from "../stack/stack-interface.ts";

beforeEach(
  () => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] }),
);
afterEach(() => void vi.useRealTimers());

const ITEMS = 20;
/** Time between two looks of a worker at what it runs. */
const CHECK_MS = 2000;

interface Hanging {
  readonly job: Job;
  /** How often item 7 was begun, and why its first attempt ended. */
  readonly begun: () => number;
  readonly reasons: unknown[];
}

/** Item 7 hangs when it is called for the first time. */
function hangingOnce(): Hanging {
  let begun = 0;
  const reasons: unknown[] = [];
  const process = (n: number, { signal }: { readonly signal: AbortSignal }): unknown => {
    if (n !== 7 || begun++ > 0) return n;
    return new Promise(() => signal.addEventListener("abort", () => void reasons.push(signal.reason)));
  };
  const job = countingJob(ITEMS, process, { hedge: true });
  return { job, begun: () => begun, reasons };
}

/** Submits a batch with a chunk for each item, and plans it. */
async function planned(stack: Stack): Promise<readonly ChunkMessage[]> {
  await stack.submit(integers(ITEMS), { chunk: { items: 1, bytes: null }, hedge: true });
  const plan = stack.queue.take("coordinator");
  await stack.invoke(coordinatorHandler, eventOf(...plan));
  return stack.queue.take("worker") as ChunkMessage[];
}

/** Lets what can go on go on: only timers are faked. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
}

const summaryOf = (stack: Stack) => summarize(stack.ledger, SAMPLE_BATCH, stack.batch(), () => "");

test("a chunk that hangs runs once more, and the worker that hangs goes on with the next chunk", async () => {
  const { job, begun, reasons } = hangingOnce();
  const stack = memoryStack([job]);
  const chunks = await planned(stack);
  const [seven, thirteen] = [chunks[7], chunks[13]] as [ChunkMessage, ChunkMessage];
  const slow = stack.invoke((host) => workerHandler(host, job), eventOf(seven, thirteen));
  await turns();
  expect(begun()).toBe(1);
  await stack.queue.send(
    "worker",
    chunks.filter((one) => one !== seven && one !== thirteen),
  );
  await stack.pump();
  // Eighteen of twenty are settled: ten seconds later one of the others is hedged, a twentieth of all.
  expect(begun()).toBe(2);
  expect(await summaryOf(stack)).toMatchObject({
    state: "running",
    chunks: { settled: 19 },
    hedges: { sent: 1, won: 1 },
  });
  expect(reasons).toEqual([]);
  await vi.advanceTimersByTimeAsync(CHECK_MS);
  expect(((await slow) as SQSBatchResponse).batchItemFailures).toEqual([]);
  expect(reasons).toMatchObject([{ message: "another attempt has settled the chunk" }]);
  await stack.pump();
  expect(stack.batch()).toMatchObject({ state: "succeeded", totals: { chunks: ITEMS, succeeded: ITEMS } });
  expect(JSON.parse(stack.store.text(stack.files().result?.name ?? ""))).toEqual({
    order: upTo(ITEMS),
    all: ITEMS,
  });
  expect(begun()).toBe(2);
  expect(stack.queue.waiting("worker")).toBe(0);
  expect(await summaryOf(stack)).toMatchObject({ hedges: { sent: 1, won: 1 } });
});

test("a hedge that comes too late changes nothing", async () => {
  const stack = memoryStack([countingJob(ITEMS, (n) => n, { hedge: true })]);
  const chunks = await planned(stack);
  const late = { ...chunks[3], kind: "hedge", look: true } as ChunkMessage;
  await stack.queue.send("worker", [...chunks, late]);
  await stack.pump();
  expect(stack.batch()).toMatchObject({ state: "succeeded", totals: { chunks: ITEMS, succeeded: ITEMS } });
});

test("a look that is left over from before is harmless", async () => {
  const { job } = hangingOnce();
  const stack = memoryStack([job]);
  const node = { batch: SAMPLE_BATCH, generation: 0, level: 0, index: 0 };
  const look = { kind: "stragglers", node, attempt: 1, delayMs: 10_000 } as const;
  const [answer] = (await stack.invoke(
    (host) => joinHandler(host, job),
    eventOf(look),
  )) as PromiseSettledResult<void>[];
  expect(answer).toMatchObject({ status: "fulfilled" });
});

test("a hedge whose function's time is up is not made again, and no other chunk is blamed for it", async () => {
  const { job } = hangingOnce();
  const stack = memoryStack([job]);
  const chunks = await planned(stack);
  const [seven, thirteen] = [chunks[7], chunks[13]] as [ChunkMessage, ChunkMessage];
  const hedge = { ...seven, kind: "hedge", look: true } as const;
  const slow = stack.invoke((host) => workerHandler(host, job), eventOf(hedge, thirteen));
  await turns();
  stack.clock.advance(60_000);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(((await slow) as SQSBatchResponse).batchItemFailures).toEqual([]);
  expect(stack.queue.take("worker")).toEqual([thirteen]);
  expect(stack.lines.filter(({ level }) => level === "warn")).toEqual([]);
});
