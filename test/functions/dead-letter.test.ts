import type { SQSEvent } from "aws-lambda";
import { expect, test } from "vitest";
import { deadLetterHandler } from "../../functions/dead-letter.ts";
import { blame, noteOpen } from "../../src/core/records/attempts/attempt-traces.ts";
import { unknownBatch } from "../../src/batch/spec.ts";
import { coordinator } from "../../src/steps/coordinator.ts";
import { countingJob } from "../steps/jobs.ts";
import { SAMPLE_BATCH, memoryStack } from "./stack/stack.ts";
import { integers } from "./stack/inputs.ts";
import { eventOf, recordOf, sample } from "./stack/sample-events.ts";
import type { Stack } from "./stack/stack-interface.ts";

const PLAN = { kind: "plan", batch: SAMPLE_BATCH, entry: 0 } as const;
const CHUNK = {
  kind: "chunk",
  batch: SAMPLE_BATCH,
  generation: 0,
  source: 0,
  chunk: 0,
  start: 0,
  end: 4,
} as const;

async function planned(): Promise<Stack> {
  const stack = memoryStack([countingJob(10)]);
  await stack.submit(integers(10), { chunk: { items: 4, bytes: null } });
  await coordinator(stack.ports, { plan: () => Promise.reject(new Error("not here")) }, PLAN);
  for (const queue of ["worker", "coordinator"] as const) stack.queue.take(queue);
  return stack;
}

async function run(stack: Stack, event: SQSEvent): Promise<string[]> {
  const results = await stack.invoke(deadLetterHandler, event);
  return (results as PromiseSettledResult<void>[]).map(({ status }) => status);
}

test("chunks and joins are sent again as the next attempt, and planning continues from the last entry", async () => {
  const stack = await planned();
  expect(await run(stack, sample("dead-letter"))).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
  // Received three times as the first attempt, and three times as the fourth.
  expect(stack.queue.take("worker")).toMatchObject([{ chunk: 0, attempt: 4 }]);
  expect(stack.queue.take("join")).toMatchObject([{ kind: "merge", attempt: 7 }]);
  expect(stack.queue.take("coordinator")).toEqual([{ ...PLAN, entry: 1 }]);
  expect(stack.counts.get("DeadLetters")).toBe(3);
});

test("a failed invocation counts as one attempt at each of its chunks, which are sent on one by one", async () => {
  const stack = await planned();
  expect(await run(stack, sample("dead-letter-invoke"))).toEqual(["fulfilled"]);
  expect(stack.queue.take("worker")).toMatchObject([
    { chunk: 0, attempt: 2 },
    { chunk: 1, attempt: 4 },
  ]);
});

test("an invocation that waited too long and was never made is treated in the same way", async () => {
  const stack = await planned();
  expect(await run(stack, sample("dead-letter-invoke-aged"))).toEqual(["fulfilled"]);
  expect(stack.queue.waiting("worker")).toBe(2);
});

test("a dead letter that is not a fanjoin message is logged with its body, counted and discarded", async () => {
  const stack = await planned();
  const event = sample("dead-letter-foreign");
  expect(await run(stack, event)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
  expect(stack.counts.get("DeadLetters")).toBe(3);
  expect(stack.lines.map(({ fields }) => fields["body"])).toEqual(event.Records.map(({ body }) => body));
});

test("what is no message in a failed invocation is logged, and its neighbours are sent on", async () => {
  const stack = await planned();
  const requestPayload = { messages: [{ ...CHUNK, attempt: 1 }, { kind: "chunk" }, "hello"] };
  const body = JSON.stringify({ requestContext: { condition: "RetriesExhausted" }, requestPayload });
  expect(await run(stack, { Records: [recordOf("m0", body)] })).toEqual(["fulfilled"]);
  expect(stack.queue.take("worker")).toMatchObject([{ chunk: 0, attempt: 2 }]);
  const errors = stack.lines.filter(({ level }) => level === "error");
  expect(errors.map(({ fields }) => fields)).toEqual([
    { messageId: "m0", message: { kind: "chunk" } },
    { messageId: "m0", message: "hello" },
  ]);
});

test("a dead letter of a batch that no longer exists is discarded", async () => {
  const stack = await planned();
  stack.ledger.records.clear();
  // Without the batch the queue of its job is unknown.
  Object.assign(stack.ports.queue, { send: () => Promise.reject(unknownBatch(SAMPLE_BATCH)) });
  expect(await run(stack, eventOf({ ...CHUNK, attempt: 7 }))).toEqual(["fulfilled"]);
});

test("a chunk is given up after nine attempts that nothing explains", async () => {
  const stack = await planned();
  await run(stack, eventOf({ ...CHUNK, attempt: 7 }));
  expect(stack.queue.waiting("worker")).toBe(0);
  await stack.queue.send("worker", [
    { ...CHUNK, chunk: 1, start: 4, end: 8, attempt: 1 },
    { ...CHUNK, chunk: 2, start: 8, end: 10, attempt: 1 },
  ]);
  await stack.pump();
  expect(stack.batch()).toMatchObject({
    state: "completed-with-failures",
    totals: { chunks: 3, broken: 1, succeeded: 6 },
  });
  expect(stack.failed()).toMatchObject([{ code: "CHUNK_FAILED", chunk: 0, attempts: 9 }]);
});

test("attempts that showed which item they died of are not counted against their chunk", async () => {
  const stack = await planned();
  const open = { index: 2, until: 0, attempt: 2, tag: "a" };
  await stack.ledger.update(noteOpen(CHUNK, open));
  const verdict = { code: "ITEM_CRASHED", error: { name: "CrashError", message: "boom" } } as const;
  await stack.ledger.update(blame({ chunk: CHUNK, traces: { deaths: new Map() }, open, reason: verdict }));
  await run(stack, eventOf({ ...CHUNK, attempt: 7 }));
  expect(stack.queue.take("worker")).toMatchObject([{ chunk: 0, attempt: 10 }]);
});

test("a dead letter that fails is delivered again", async () => {
  const stack = await planned();
  Object.assign(stack.ports.queue, { send: () => Promise.reject(new Error("throttled")) });
  expect(await run(stack, sample("dead-letter"))).toContain("rejected");
});
