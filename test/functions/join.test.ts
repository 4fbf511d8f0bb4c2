import { expect, test } from "vitest";
import { joinHandler } from "../../functions/join.ts";
import type { JoinHost } from "../../functions/join.ts";
import { workerHandler } from "../../functions/worker.ts";
import { coordinator } from "../../src/steps/coordinator.ts";
import { from } from "../../src/input/from.ts";
import { defineJob } from "../../src/job/job.ts";
import type { Job } from "../../src/job/job.ts";
import { countingJob, inOrder, upTo } from "../steps/jobs.ts";
import { SAMPLE_BATCH, memoryStack } from "./stack/stack.ts";
import { GENERATED, integers } from "./stack/inputs.ts";
import { sample } from "./stack/sample-events.ts";
import type { Stack } from "./stack/stack-interface.ts";

const PLAN = { kind: "plan", batch: SAMPLE_BATCH, entry: 0 } as const;

async function run(stack: Stack, job: Job, name: string): Promise<PromiseSettledResult<void>[]> {
  const results = await stack.invoke((host: JoinHost) => joinHandler(host, job), sample(name));
  return results as PromiseSettledResult<void>[];
}

/** The batch of the samples, with all chunks run. */
async function full(): Promise<{ readonly stack: Stack; readonly job: Job }> {
  const job = countingJob(10);
  const stack = memoryStack([job]);
  await stack.submit(integers(10), { chunk: { items: 4, bytes: null } });
  await coordinator(stack.ports, { plan: () => Promise.reject(new Error("not here")) }, PLAN);
  await stack.invoke((host) => workerHandler(host, job), sample("worker"));
  return { stack, job };
}

test("a full node is joined, and the root ends the batch", async () => {
  const { stack, job } = await full();
  expect(await run(stack, job, "join")).toMatchObject([{ status: "fulfilled" }]);
  expect(stack.batch()).toMatchObject({ state: "succeeded" });
  expect(JSON.parse(stack.store.text(stack.files().result?.name ?? ""))).toEqual({
    order: upTo(10),
    all: 10,
  });
  expect(stack.counts.get("BatchesEnded")).toBe(1);
});

test("a batch that has ended is counted once, however often its join is delivered", async () => {
  const { stack, job } = await full();
  await run(stack, job, "join");
  await run(stack, job, "join");
  expect(stack.counts.get("BatchesEnded")).toBe(1);
});

test("a body that is not a message, or belongs to another function, fails", async () => {
  const { stack, job } = await full();
  expect(await run(stack, job, "join-malformed")).toMatchObject([{ status: "rejected" }]);
  expect(await run(stack, job, "worker")).toMatchObject([
    { status: "rejected" },
    { status: "rejected" },
    { status: "rejected" },
  ]);
});

test("generated items are planned here", async () => {
  const job = defineJob({
    name: "made",
    input: from(function* () {
      yield* [1, 2, 3];
    }),
    process: (n: number) => n,
    join: { order: inOrder },
  });
  const stack = memoryStack([job]);
  await stack.submit(GENERATED);
  expect(await run(stack, job, "join-plan")).toMatchObject([{ status: "fulfilled" }]);
  expect(stack.queue.take("worker").length).toBeGreaterThan(0);
});
