/** Schedules on a stack: the events of rules, as the coordinator gets them. */
import { expect, test } from "vitest";
import { coordinatorHandler } from "../../functions/coordinator.ts";
import { batchIn } from "../../src/core/records/batch/batch.ts";
import { countingJob } from "../steps/jobs.ts";
import { TIMEOUT_MS, memoryStack } from "./stack/stack.ts";
import type { Stack } from "./stack/stack-interface.ts";
import { recordOf } from "./stack/sample-events.ts";

const EVENT = { kind: "tick", job: "counting", time: "2026-11-30T03:00:04Z", params: null, overlap: "queue" };

async function deliver(stack: Stack, event: object): Promise<void> {
  const records = { Records: [recordOf("m0", JSON.stringify(event), 1)] };
  const handle = coordinatorHandler(stack.host);
  const [result] = await handle(records, { getRemainingTimeInMillis: () => TIMEOUT_MS });
  if (result?.status === "rejected") throw result.reason;
}

function batches(stack: Stack): string[] {
  return [...stack.ledger.records.keys()].flatMap((key) => batchIn(key) ?? []);
}

test("an event of a rule that comes twice starts one batch, whose end is an event", async () => {
  const job = {
    ...countingJob(10),
    input: { kind: "range", options: {}, own: { from: 0, to: 10 } },
  } as const;
  const stack = memoryStack([job]);
  await deliver(stack, EVENT);
  await deliver(stack, { ...EVENT, time: "2026-11-30T03:00:58Z" });
  await stack.pump();
  expect(batches(stack)).toHaveLength(1);
  expect(stack.events).toMatchObject([{ state: "succeeded", job: "counting" }]);
  expect(stack.lines.map(({ message }) => message)).toContain("schedule started a batch");
});

test("a queued time waits in the queue until the last batch has ended", async () => {
  const stack = memoryStack([countingJob(10)]);
  await deliver(stack, EVENT);
  await deliver(stack, { ...EVENT, time: "2026-12-01T03:00:00Z" });
  expect(batches(stack)).toHaveLength(1);
  await stack.pump();
  expect(batches(stack)).toHaveLength(2);
  expect(stack.events).toHaveLength(2);
});

test("a job that the stack does not have is logged, and not tried again", async () => {
  const stack = memoryStack([countingJob(10)]);
  await deliver(stack, { ...EVENT, job: "gone" });
  expect(stack.lines.at(-1)).toMatchObject({
    level: "error",
    message: "schedule started no batch",
    fields: { job: "gone", time: "2026-11-30T03:00Z" },
  });
});
