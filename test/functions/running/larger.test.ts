/** Jobs with two sizes of memory: chunks that may lack memory go to the larger worker. */
import { describe, expect, test } from "vitest";
import { summarize } from "../../../src/batch/summary/summary.ts";
import { countingJob, upTo } from "../../steps/jobs.ts";
import { SAMPLE_BATCH, TIMEOUT_MS, memoryStack } from "../stack/stack.ts";
import { integers } from "../stack/inputs.ts";
import type { Stack } from "../stack/stack-interface.ts";

const NO_FILE = (): string => "";

function result(stack: Stack): unknown {
  return JSON.parse(stack.store.text(stack.files().result?.name ?? ""));
}

async function larger(stack: Stack): Promise<number | undefined> {
  return (await summarize(stack.ledger, SAMPLE_BATCH, stack.batch(), NO_FILE)).larger;
}

describe.each([false, true])("with chunks by direct invocation: %s", (direct) => {
  test("a chunk that needs more memory runs in the larger worker, and no item is to blame", async () => {
    const seen: boolean[] = [];
    const job = countingJob(40, (n: number) => {
      if (n !== 22) return n;
      seen.push(stack.isLarger());
      return stack.isLarger() ? n : stack.die();
    });
    const stack = memoryStack([job], { direct, larger: true });
    await stack.submit(integers(40), { chunk: { items: 4, bytes: null } });
    await stack.pump();
    expect(stack.batch()).toMatchObject({ state: "succeeded", totals: { chunks: 10, succeeded: 40 } });
    expect(result(stack)).toEqual({ order: upTo(40), all: 40 });
    expect(seen).toEqual([false, true]);
    // SQS brings ten chunks at once, and cannot tell which of them was to blame.
    expect(await larger(stack)).toBe(10);
  });
});

test("an item that kills the larger worker too is quarantined there, and no other one", async () => {
  const seen: boolean[] = [];
  const job = countingJob(40, (n: number) => {
    if (n !== 22) return n;
    seen.push(stack.isLarger());
    return stack.die();
  });
  const stack = memoryStack([job], { larger: true });
  await stack.submit(integers(40), { chunk: { items: 4, bytes: null } });
  await stack.pump();
  expect(stack.batch()).toMatchObject({
    state: "completed-with-failures",
    totals: { succeeded: 39, failed: 1, broken: 0 },
  });
  expect(stack.failed()).toMatchObject([{ code: "ITEM_CRASHED", index: 22 }]);
  // Once in the smaller worker, before any item is blamed; then the larger one finds it.
  expect(seen.filter((isLarger) => !isLarger)).toHaveLength(1);
});

test("a chunk whose attempt ran out of time, and said so, stays with the smaller worker", async () => {
  const runs: boolean[] = [];
  const job = countingJob(4, (n: number) => {
    runs.push(stack.isLarger());
    if (runs.length === 1) stack.clock.advance(TIMEOUT_MS);
    return n;
  });
  const stack = memoryStack([job], { larger: true });
  await stack.submit(integers(4), { chunk: { items: 4, bytes: null } });
  await stack.pump();
  expect(stack.batch()).toMatchObject({ state: "succeeded", totals: { succeeded: 4 } });
  expect(runs).not.toContain(true);
  expect(await larger(stack)).toBeUndefined();
});

test("a chunk that the queue of the larger worker did not take stays, and comes again", async () => {
  let died = false;
  const job = countingJob(4, (n: number) => {
    if (n !== 2 || died) return n;
    died = true;
    return stack.die();
  });
  const stack = memoryStack([job], { larger: true });
  await stack.submit(integers(4), { chunk: { items: 4, bytes: null } });
  const send = stack.queue.send.bind(stack.queue);
  let refused = 0;
  stack.ports.queue.send = async (name, messages) => {
    if (messages.some((message) => "larger" in message) && refused++ === 0) throw new Error("no queue");
    return send(name, messages);
  };
  await stack.pump();
  expect(refused).toBeGreaterThan(0);
  expect(stack.batch()).toMatchObject({ state: "succeeded", totals: { succeeded: 4 } });
});
