/** Items of many chunks that finish in any order, each when the test says so. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { ChunkMessage } from "../../../src/core/records/message.ts";
import { collect } from "../../../src/joins/exact/count.ts";
import { range } from "../../../src/input/range.ts";
import { defineJob } from "../../../src/job/job.ts";
import type { Job } from "../../../src/job/job.ts";
import type { ChunksReply } from "../../../src/runner/runner.ts";
import { inOrder } from "../../steps/jobs.ts";
import { stage } from "../../steps/stage.ts";
import type { Stage } from "../../steps/stage.ts";

/** Items that have begun and not ended, in the order in which they began. */
class Gates {
  readonly open = new Map<number, () => void>();
  most = 0;

  wait(n: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.open.set(n, resolve);
    this.most = Math.max(this.most, this.open.size);
    return promise;
  }

  /** Ends one of the items, and lets what follows from that happen. */
  async end(n: number): Promise<void> {
    const end = this.open.get(n);
    this.open.delete(n);
    end?.();
    await settled();
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

function gatedJob(gates: Gates, items: number, concurrency: number): Job {
  return defineJob({
    name: "gated",
    input: range(items),
    concurrency,
    retries: 0,
    async process(n: number) {
      await gates.wait(n);
      if (n % 7 === 3) throw new Error(`item ${n} is bad`);
      return { n };
    },
    join: { order: inOrder, rows: collect() },
  });
}

interface Running {
  readonly one: Stage;
  readonly gates: Gates;
  readonly done: Promise<unknown>;
}

/** A bundle of all chunks, whose items have begun as far as there are slots. */
async function runTogether(items: number, concurrency: number, chunkItems: number): Promise<Running> {
  const gates = new Gates();
  const one = await stage({ job: gatedJob(gates, items, concurrency), chunk: { items: chunkItems } });
  await one.submit();
  await one.step("coordinator");
  const chunks = one.queue.take("worker", 100) as ChunkMessage[];
  const done = one.deliver("worker", chunks);
  await settled();
  return { one, gates, done };
}

function answerOf(one: Stage): unknown {
  const { totals } = one.batch() as { totals: { ms: number } };
  return [one.result(), one.outputs(), one.failed(), { ...totals, ms: 0 }];
}

test("items that finish in any order give the same bytes", async () => {
  const inTurn = await runTogether(30, 1, 4);
  while (inTurn.gates.open.size > 0) await inTurn.gates.end([...inTurn.gates.open.keys()][0] ?? 0);
  await inTurn.done;
  await inTurn.one.pump();
  const expected = answerOf(inTurn.one);

  const order = fc.array(fc.nat(), { minLength: 30, maxLength: 30 });
  const sizes = fc.record({ concurrency: fc.integer({ min: 2, max: 9 }), chunk: fc.constant(4) });
  const property = fc.asyncProperty(sizes, order, async ({ concurrency, chunk }, picks) => {
    const { one, gates, done } = await runTogether(30, concurrency, chunk);
    for (const pick of picks) {
      const open = [...gates.open.keys()];
      await gates.end(open[pick % open.length] ?? -1);
    }
    await done;
    await one.pump();
    expect(gates.most).toBe(concurrency);
    expect(answerOf(one)).toEqual(expected);
  });
  await fc.assert(property, { numRuns: 40 });
});

test("one slow item keeps no slot of its thread empty, whichever chunk it is in", async () => {
  const { one, gates, done } = await runTogether(60, 4, 5);
  for (let ended = 0; ended < 59; ended++) {
    expect(gates.open.size).toBe(Math.min(4, 60 - ended));
    await gates.end([...gates.open.keys()].find((n) => n !== 2) ?? -1);
  }
  expect([...gates.open.keys()]).toEqual([2]);
  await gates.end(2);
  await done;
  await one.pump();
  expect(one.outputs()).toHaveLength(60 - one.failed().length);
});

test("chunks that are done are handed over while another one runs, and the reply lacks them", async () => {
  const gates = new Gates();
  const one = await stage({ job: gatedJob(gates, 6, 3), chunk: { items: 2 } });
  await one.submit();
  await one.step("coordinator");
  const chunks = one.queue.take("worker", 100) as ChunkMessage[];
  const part = Promise.withResolvers<ChunksReply>();
  const events: string[] = [];
  const reply = one.runner.chunks(
    { spec: one.spec, chunks, careful: null },
    { onPart: part.resolve, onDraining: () => events.push("draining") },
  );
  await settled();
  for (const n of [1, 2, 3]) await gates.end(n);
  // The items 0, 4 and 5 run: all have begun, and all slots are taken.
  expect(events).toEqual([]);
  await gates.end(5);
  expect(events).toEqual(["draining"]);
  const { done, body } = await part.promise;
  expect(done.map(({ child }) => child)).toEqual([1]);
  expect(body).not.toBeNull();
  await gates.end(0);
  await gates.end(4);
  expect((await reply).done.map(({ child }) => child)).toEqual([0, 2]);
});

test("a chunk takes as long as its items would with all slots to themselves", async () => {
  const gates = new Gates();
  const one = await stage({ job: gatedJob(gates, 4, 2), chunk: { items: 2 } });
  await one.submit();
  await one.step("coordinator");
  const chunks = one.queue.take("worker", 100) as ChunkMessage[];
  const began = performance.now();
  const reply = one.runner.chunks({ spec: one.spec, chunks, careful: null });
  await settled();
  for (const n of [0, 2, 3, 1]) await gates.end(n);
  const { done } = await reply;
  const passed = performance.now() - began;
  const [first = 0, second = 0] = done.map(({ totals }) => totals.ms);
  // Both slots were taken nearly all the time, and no moment of a slot counts for two chunks.
  expect(first + second).toBeLessThanOrEqual(passed + 0.01);
  expect(first).toBeLessThan(passed);
});
