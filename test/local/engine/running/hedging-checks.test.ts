/** Which chunks are watched for hedges, for how long, and what is told of them. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BATCH } from "../../../steps/stage-spec.ts";
import type { QueuedChunk } from "../../../../src/local/engine/pumping/pump.ts";
import { secondsLater, watched } from "./watched-chunks.ts";
import type { Watched } from "./watched-chunks.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] }));
afterEach(() => void vi.useRealTimers());

/** Time in which checks are made. */
const pass = (seconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(1000 * seconds);

/** Settles these chunks in the ledger, of which nobody tells. */
async function settle(it: Watched, ...chunks: readonly number[]): Promise<void> {
  const messages = it.running.map(({ message }) => message).filter(({ chunk }) => chunks.includes(chunk));
  await it.one.deliver("worker", messages);
  it.one.queue.take("join");
}

test("slow chunks are looked for every second, until none runs and the batch is over", async () => {
  const it = await watched();
  it.hedging.begin(it.running);
  expect(vi.getTimerCount()).toBe(1);
  await pass(9);
  expect(it.hedges()).toEqual([]);
  await pass(1);
  expect(it.hedges()).toEqual([3, 11]);
  it.active.over = true;
  await pass(5);
  expect(vi.getTimerCount()).toBe(1);
  await it.hedging.end(it.running);
  await pass(1);
  expect(vi.getTimerCount()).toBe(0);
  expect(it.warnings).toEqual([]);
});

test("a batch is watched between two of its bundles, and no more once nobody knows it", async () => {
  const it = await watched();
  it.hedging.begin(it.running);
  await it.hedging.end(it.running);
  await pass(5);
  expect(vi.getTimerCount()).toBe(1);
  it.batches.forget(BATCH);
  await pass(1);
  expect(vi.getTimerCount()).toBe(0);
});

test("a batch that was removed while its chunks were hedged costs no check of others", async () => {
  const it = await watched();
  it.hedging.begin(it.running);
  await it.checkAfter(60);
  await settle(it, 3, 11, 27);
  it.batches.forget(BATCH);
  await it.hedging.check();
  it.hedging.begin(it.running);
  await it.hedging.end(it.running);
  expect([it.told, it.warnings]).toEqual([[], []]);
});

test("nothing is watched of a job that does not hedge, nor of an empty bundle", async () => {
  const it = await watched({ hedge: false });
  it.hedging.begin(it.running);
  it.hedging.begin([]);
  await it.hedging.end(it.running);
  await it.hedging.end([]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a hedge that takes long is not hedged itself", async () => {
  const it = await watched();
  it.hedging.begin(
    it.running.map((one): QueuedChunk => {
      return { ...one, message: { ...one.message, kind: "hedge" } };
    }),
  );
  await it.checkAfter(60);
  expect(it.hedges()).toEqual([]);
});

test.each<[string, (it: Watched) => void]>([
  ["is paused", ({ active }) => void (active.paused = true)],
  ["is to end", ({ active }) => void (active.interrupted = true)],
  ["is over", ({ active }) => void (active.over = true)],
  ["is not worked on any more", ({ batches }) => batches.forget(BATCH)],
  ["has many chunks to do", ({ active }) => void (active.totals = { ...active.totals, chunks: 35 })],
  ["has no other chunk", ({ active }) => void (active.totals = { ...active.totals, chunks: 40 })],
  [
    "is not planned to its end",
    ({ one }) => {
      const { chunks: _, ...fields } = one.batch();
      one.ledger.records.set(`batch/${BATCH}`, fields);
    },
  ],
])("no chunk of a batch is hedged that %s", async (_, change) => {
  const it = await watched();
  it.hedging.begin(it.running);
  change(it);
  // The ledger is not even asked for stragglers.
  let looks = 0;
  it.one.hook = ({ method, of }) => void (looks += method === "read" && of.startsWith("node/") ? 1 : 0);
  await it.checkAfter(60);
  expect([it.hedges(), looks, it.warnings]).toEqual([[], 0, []]);
});

test("chunks of a job whose file is not known are not hedged: it has no threads", async () => {
  const it = await watched({ jobFile: null });
  it.hedging.begin(it.running);
  await it.checkAfter(60);
  expect(it.hedges()).toEqual([]);
});

test("slow chunks are hedged in each leaf of the tree", async () => {
  const it = await watched({ items: 120, open: [3, 105] });
  it.hedging.begin(it.running);
  await it.checkAfter(10);
  expect(it.hedges()).toEqual([3, 105]);
  expect(it.warnings).toEqual([]);
});

test("chunks of which the median is not the newest, and not the last, are compared with the median", async () => {
  const it = await watched();
  for (const seconds of [4, 9, 1]) {
    const before = it.running.map((one) => ({ ...one })).slice(0, 1);
    it.hedging.begin(before);
    secondsLater(seconds);
    await it.hedging.end(before);
  }
  it.hedging.begin(it.running);
  await it.checkAfter(11.9);
  expect(it.hedges()).toEqual([]);
  await it.checkAfter(0.1);
  expect(it.hedges()).toEqual([3, 11]);
});

test("a chunk that was not watched says nothing about how long chunks take", async () => {
  const it = await watched();
  it.hedging.begin(it.running);
  const [hedge] = it.running.map((one): QueuedChunk => ({ ...one }));
  await it.hedging.end([hedge as QueuedChunk]);
  await it.checkAfter(10);
  expect(it.hedges()).toEqual([3, 11]);
});

test("only the newest hundred chunks say how long a chunk takes", async () => {
  const it = await watched();
  for (const seconds of [60, 1]) {
    const before = Array.from({ length: 101 }, () => ({ ...it.running[0] }) as QueuedChunk);
    it.hedging.begin(before);
    secondsLater(seconds);
    await it.hedging.end(before);
  }
  it.hedging.begin(it.running);
  await it.checkAfter(10);
  expect(it.hedges()).toEqual([3, 11]);
});

test("threads are told of chunks that are settled elsewhere, once, and of nothing else", async () => {
  const it = await watched();
  it.hedging.begin(it.running);
  secondsLater(60);
  it.idle = 2;
  await it.hedging.check();
  it.idle = 0;
  await it.hedging.check();
  expect([it.hedges(), it.told]).toEqual([[3, 11], []]);
  // The last one was not hedged: it runs once.
  await settle(it, 11, 27);
  await it.hedging.check();
  const overtaken = { batch: BATCH, generation: 0, chunk: 11 };
  expect(it.told).toEqual([["/job.ts", [overtaken]]]);
  await it.hedging.check();
  expect(it.told).toHaveLength(1);
  await settle(it, 3);
  await it.hedging.end(it.running);
  expect(it.told.slice(1)).toEqual([["/job.ts", [{ ...overtaken, chunk: 3 }]]]);
});

test("a redrive stops no attempts of the run before", async () => {
  const it = await watched();
  it.hedging.begin(it.running);
  await it.checkAfter(60);
  await settle(it, 3, 11);
  const again = it.running.map((one): QueuedChunk => {
    return { ...one, message: { ...one.message, generation: 1 } };
  });
  it.hedging.begin(again);
  await it.hedging.end(again);
  expect(it.told).toEqual([]);
});

test("a check that fails is a warning, and the next one hedges", async () => {
  const it = await watched();
  it.one.hook = () => {
    throw new Error("the disk is full");
  };
  it.hedging.begin(it.running);
  await it.checkAfter(60);
  expect(it.warnings).toMatchObject([{ message: "the disk is full" }]);
  expect(it.hedges()).toEqual([]);
  it.one.hook = () => undefined;
  await pass(1);
  expect(it.hedges()).toEqual([3, 11]);
});

test("while a check takes long no other one begins", async () => {
  const it = await watched();
  const go = Promise.withResolvers<void>();
  let reads = 0;
  it.one.hook = async ({ method, of }, when) => {
    if (method !== "read" || !of.startsWith("batch/") || when === "after") return;
    if (++reads === 1) await go.promise;
  };
  it.hedging.begin(it.running);
  secondsLater(60);
  const checks = [it.hedging.check(), it.hedging.check()];
  await checks[1];
  expect([reads, it.hedges()]).toEqual([1, []]);
  go.resolve();
  await checks[0];
  expect(it.hedges()).toEqual([3, 11]);
});

test("a stop ends the checks", async () => {
  const it = await watched();
  it.hedging.begin(it.running);
  it.hedging.stop();
  expect(vi.getTimerCount()).toBe(0);
  await pass(60);
  expect(it.hedges()).toEqual([]);
  it.hedging.begin(it.running);
  expect(vi.getTimerCount()).toBe(1);
});
