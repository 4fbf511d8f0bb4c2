/** Time, control and many objects on the deployed stack. The cases share it, and run side by side. */
import { beforeAll, describe, expect, test } from "vitest";
import { jobResourceName } from "../../../src/core/stack/resource-names.ts";
import { BatchRequests } from "./driver/batch-requests.ts";
import { eventually } from "./driver/deployed.ts";
import { deployedStack } from "./driver/deployed-stack.ts";
import type { DeployedStack } from "./driver/deployed-stack.ts";
import { age, purge, sweep } from "./driver/lost-messages.ts";
import { STACK } from "./stack-name.ts";

let stack: DeployedStack;
let batches: BatchRequests;
beforeAll(async () => {
  stack = await deployedStack();
  batches = new BatchRequests(stack);
});

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
/** Items of the jobs `waits`, whose functions have five seconds, and `patient`, whose have the usual time. */
const waits = (count: number, ms: number): string[] => numbers(count).map((n) => `${n} ${ms}`);

describe("a deployed batch", () => {
  test.concurrent("whose one chunk takes a minute ends, where a function has five seconds", async () => {
    const input = { items: waits(60, 1000) };
    const batch = await batches.submit("waits", { input, chunk: { items: 60 } });
    expect(await batches.ended(batch)).toMatchObject({
      state: "succeeded",
      items: { total: 60, succeeded: 60 },
      chunks: { total: 1 },
    });
    expect(await batches.outputs(batch)).toEqual(numbers(60));
    // It took longer than ten seconds, so the stack makes its report, but after the end.
    const { report } = await batches.until(batch, "its report", (summary) => summary.report !== undefined);
    expect(report?.path).toContain(`/batches/${batch}/report`);
    const page = await batches.ask("GET", `/batches/${batch}/report`);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(page.text).toContain("Every item is accounted for");
  });

  test.concurrent("is paused, refuses what AWS does not have, is resumed, and is removed", async () => {
    // More than the functions have in hand at the pause: those chunks still run.
    const batch = await batches.submit("waits", { input: { items: waits(40, 1000) }, chunk: { items: 1 } });
    await batches.until(batch, "a settled chunk", ({ chunks }) => chunks.settled > 0);
    expect(await batches.ask("POST", `/batches/${batch}/pause`)).toMatchObject({ status: 202 });
    expect((await batches.show(batch)).state).toBe("paused");
    for (const setting of [{ threads: 2 }, { priority: 3 }]) {
      const { status, text } = await batches.ask("PATCH", `/batches/${batch}`, setting);
      expect([status, (JSON.parse(text) as { code: string }).code]).toEqual([400, "REQUEST_INVALID"]);
    }
    expect(await batches.ask("DELETE", `/batches/${batch}`)).toMatchObject({ status: 409 });
    expect(await batches.ask("POST", `/batches/${batch}/resume`)).toMatchObject({ status: 202 });
    expect(await batches.ended(batch)).toMatchObject({ state: "succeeded", items: { succeeded: 40 } });
    expect(await batches.outputs(batch)).toEqual(numbers(40));
    expect(await batches.ask("DELETE", `/batches/${batch}`)).toMatchObject({ status: 204 });
    expect(await batches.ask("GET", `/batches/${batch}`)).toMatchObject({ status: 404 });
  });

  test.concurrent("keeps within the limit of its job, over all of its functions", async () => {
    const batch = await batches.submit("limited", {});
    const { items, failures, createdAt } = await batches.ended(batch);
    expect(failures).toBeUndefined();
    expect(items).toMatchObject({ succeeded: 30, failed: 0 });
    const last = Math.max(...((await batches.outputs(batch)) as number[]));
    // 30 calls, of which one comes at once, at five a second.
    expect(last - Date.parse(createdAt)).toBeGreaterThan(5500);
  });

  test.concurrent("of many objects below a prefix reads each of them, in order, and some to a chunk", async () => {
    const count = 1500;
    const prefix = await batches.objects(waits(count, 0).map((line) => `${line}\n`));
    const batch = await batches.submit("patient", { input: { prefix }, chunk: { bytes: 1000 } });
    const { state, items, chunks } = await batches.ended(batch);
    expect({ state, items }).toMatchObject({ state: "succeeded", items: { succeeded: count, failed: 0 } });
    expect(chunks.total).toBeLessThan(count / 20);
    expect(await batches.outputs(batch)).toEqual(numbers(count));
  });

  test.concurrent("of a prefix below which there is nothing fails, and says so", async () => {
    const prefix = `s3://${stack.bucket}/inputs/none/`;
    const batch = await batches.submit("patient", { input: { prefix } });
    expect(await batches.ended(batch)).toMatchObject({
      state: "failed",
      error: { code: "INPUT_NOT_FOUND" },
    });
  });

  test.concurrent("of the first items runs no others", async () => {
    const input = { items: waits(20, 0) };
    const batch = await batches.submit("patient", { input, maxItems: 7, chunk: { items: 3 } });
    expect(await batches.ended(batch)).toMatchObject({ items: { total: 7, succeeded: 7 } });
    expect(await batches.outputs(batch)).toEqual(numbers(7));
  });
});

// Alone: it takes messages of other batches of its job away, too.
test("a batch whose messages are deleted in the middle ends, and each item counts once", async () => {
  const batch = await batches.submit("waits", { input: { items: waits(40, 800) }, chunk: { items: 1 } });
  await batches.until(batch, "a settled chunk", ({ chunks }) => chunks.settled > 0);
  await purge(jobResourceName(STACK, "waits", "worker"));
  expect((await batches.show(batch)).chunks.settled).toBeLessThan(30);
  const ended = await eventually("the end of a batch that was swept", async () => {
    await sweep();
    await age(stack.table, batch);
    const summary = await batches.show(batch);
    return summary.endedAt === null ? undefined : summary;
  });
  expect(ended).toMatchObject({
    state: "succeeded",
    items: { total: 40, succeeded: 40 },
    chunks: { settled: 40 },
  });
  expect(await batches.outputs(batch)).toEqual(numbers(40));
});
