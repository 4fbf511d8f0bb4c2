/** What a batch costs on a stack, and the limit of it. */
import { expect, test } from "vitest";
import { summarize } from "../../src/batch/summary/summary.ts";
import { redrive } from "../../src/batch/steering/redrive.ts";
import { AWS_PRICES } from "../../src/core/stack/prices.ts";
import type { Job } from "../../src/job/job.ts";
import { countingJob } from "../steps/jobs.ts";
import { MEMORY_MB, SAMPLE_BATCH, memoryStack } from "./stack/stack.ts";
import { integers } from "./stack/inputs.ts";
import type { Stack } from "./stack/stack-interface.ts";

const SECOND_MS = 1000;

/** A job whose items take a second of the stack's clock each. */
function slow(of: () => Stack, fails: () => boolean = () => false): Job {
  return countingJob(10, (n: number) => {
    of().clock.advance(SECOND_MS);
    if (n === 3 && fails()) throw new Error("no");
    return n;
  });
}

function summaryOf(stack: Stack): ReturnType<typeof summarize> {
  return summarize(stack.ledger, SAMPLE_BATCH, stack.batch(), (_batch, file) => file);
}

const PER_SECOND = (MEMORY_MB / 1024) * AWS_PRICES.lambdaGbSecond;

test("the summary says what the time of the functions has cost, and the requests", async () => {
  const stack: Stack = memoryStack([slow(() => stack)]);
  await stack.submit(integers(10), { chunk: { items: 2, bytes: null } });
  await stack.pump();
  const { cost } = await summaryOf(stack);
  expect(cost?.parts.compute).toBeCloseTo(10 * PER_SECOND, 6);
  // No client is watched here: these are the invocations, and the polls of queues.
  expect(cost?.parts.requests).toBeGreaterThan(AWS_PRICES.lambdaRequest);
  expect(cost?.usd).toBeCloseTo((cost?.parts.compute ?? 0) + (cost?.parts.requests ?? 0), 5);
});

test("a redrive adds what it costs", async () => {
  let isFixed = false;
  const job = slow(
    () => stack,
    () => !isFixed,
  );
  const stack: Stack = memoryStack([job]);
  await stack.submit(integers(10), { chunk: { items: 2, bytes: null } });
  await stack.pump();
  isFixed = true;
  await redrive(stack.ports, SAMPLE_BATCH, null);
  await stack.pump();
  const { cost, state } = await summaryOf(stack);
  expect(state).toBe("succeeded");
  expect(cost?.parts.compute).toBeCloseTo(11 * PER_SECOND, 6);
});

test("a batch that has cost more than it may ends as failed, with what is done", async () => {
  const stack: Stack = memoryStack([slow(() => stack)]);
  const maxCostUsd = 4.5 * PER_SECOND;
  await stack.submit(integers(10), { chunk: { items: 1, bytes: null }, maxCostUsd });
  // One chunk at a time: an invocation takes ten.
  const direct = stack.ports.queue;
  const send = direct.send.bind(direct);
  Object.assign(direct, {
    async send(...[name, messages, options]: Parameters<typeof send>) {
      if (name !== "worker") return send(name, messages, options);
      for (const [place, message] of messages.entries())
        await send(name, [message], { delayMs: 1 + place * 60 * SECOND_MS });
    },
  });
  await stack.pump();
  const summary = await summaryOf(stack);
  expect(summary).toMatchObject({ state: "failed", incomplete: true, error: { code: "COST_EXCEEDED" } });
  expect(summary.error?.message).toMatch(
    /^the batch has cost \$0\.\d{6}, more than its maxCostUsd of \$0\.\d+$/,
  );
  expect(summary.items.succeeded).toBeGreaterThanOrEqual(4);
  expect(summary.items.succeeded).toBeLessThan(7);
  expect(summary.cost?.usd).toBeGreaterThan(maxCostUsd);
  expect(stack.files().result?.value).toMatchObject({ all: summary.items.succeeded });
});

test("a batch that may cost more than it does is not disturbed", async () => {
  const stack: Stack = memoryStack([slow(() => stack)]);
  await stack.submit(integers(10), { chunk: { items: 1, bytes: null }, maxCostUsd: 1 });
  await stack.pump();
  expect((await summaryOf(stack)).state).toBe("succeeded");
});
