import { expect, test } from "vitest";
import { NO_TOTALS } from "../../src/core/records/totals.ts";
import { Overtaken } from "../../src/runner/overtaken.ts";
import type { ChunkMessage } from "../../src/core/records/message.ts";
import { countingJob, lineJob } from "../steps/jobs.ts";
import { chunkRuns } from "./chunk/chunk-runs.ts";
import { stage } from "../steps/stage.ts";
import type { Stage } from "../steps/stage.ts";

const CHUNK = { batch: "b", generation: 0, chunk: 3 };

test("an attempt is stopped when its chunk is overtaken, and those to come do not begin", () => {
  const overtaken = new Overtaken();
  const { signal } = new AbortController();
  const watch = overtaken.watch(CHUNK, signal);
  const other = overtaken.watch({ ...CHUNK, generation: 1 }, signal);
  overtaken.note([CHUNK]);
  expect(watch.isOvertaken()).toBe(true);
  expect(watch.signal.aborted).toBe(true);
  expect(other.isOvertaken()).toBe(false);
  expect(other.signal.aborted).toBe(false);
  expect(overtaken.has(CHUNK)).toBe(true);
  expect(overtaken.has({ ...CHUNK, chunk: 4 })).toBe(false);
});

test("an interruption stops an attempt that is not overtaken", () => {
  const controller = new AbortController();
  const watch = new Overtaken().watch(CHUNK, controller.signal);
  controller.abort("the time is up");
  expect(watch.signal.reason).toBe("the time is up");
  expect(watch.isOvertaken()).toBe(false);
});

test("an attempt that is over is not stopped any more", () => {
  const overtaken = new Overtaken();
  const watch = overtaken.watch(CHUNK, new AbortController().signal);
  watch.close();
  overtaken.note([CHUNK]);
  expect(watch.signal.aborted).toBe(false);
});

/** Six items, in chunks of two. Item 2 waits for ever. */
async function hanging(concurrency: number): Promise<{
  readonly one: Stage;
  readonly chunks: readonly ChunkMessage[];
  readonly reasons: unknown[];
}> {
  const reasons: unknown[] = [];
  const process = (n: number, { signal }: { signal: AbortSignal }) =>
    n === 2 ? new Promise(() => signal.addEventListener("abort", () => void reasons.push(signal.reason))) : n;
  const job = countingJob(6, process, { hedge: true, concurrency });
  const one = await stage({ job, chunk: { items: 2 } });
  await one.submit();
  await one.step("coordinator");
  return { one, chunks: one.queue.take("worker", 10) as ChunkMessage[], reasons };
}

test.each([1, 3])(
  "a chunk that hangs is given up for the others of its bundle, with concurrency %i",
  async (concurrency) => {
    const { one, chunks, reasons } = await hanging(concurrency);
    const running = one.runner.chunks({ spec: one.spec, chunks, careful: null });
    await new Promise((resolve) => setImmediate(resolve));
    one.overtaken.note([chunks[1] as ChunkMessage]);
    const { done, overtaken } = await running;
    expect(done.map(({ child, totals }) => [child, totals.succeeded])).toEqual([
      [0, 2],
      [2, 2],
    ]);
    expect(overtaken).toEqual(["1"]);
    expect(reasons).toMatchObject([{ message: "another attempt has settled the chunk" }]);
  },
);

test("a chunk that is settled elsewhere before it begins is not run", async () => {
  const { one, chunks } = await hanging(1);
  one.overtaken.note([chunks[1] as ChunkMessage]);
  const { done, overtaken } = await one.runner.chunks({ spec: one.spec, chunks, careful: null });
  expect(done).toHaveLength(2);
  expect(overtaken).toEqual(["1"]);
});

test("an attempt that breaks off is no error once another one has settled its chunk", async () => {
  for (const isSettled of [true, false]) {
    const job = lineJob((line) => line, { hedge: true });
    const overtaken = new Overtaken();
    const it = await chunkRuns(
      { job, inputs: { a: "1\n", b: "2\n", c: "3\n" }, chunk: { items: 1 } },
      { overtaken },
    );
    const read = it.one.store.read.bind(it.one.store);
    it.one.store.read = (name, ...range) => {
      if (name !== "in/b") return read(name, ...range);
      if (isSettled) overtaken.note([it.chunks[1] as ChunkMessage]);
      throw new Error("the connection broke");
    };
    const outcome = await it.run().catch((error: unknown) => error);
    expect(outcome).toMatchObject(
      isSettled
        ? { done: [{ child: 0 }, { child: 2 }], overtaken: ["1"] }
        : { message: "the connection broke" },
    );
    expect(it.open()).toEqual([0, 0]);
  }
});

test("a hedge is not cut, whatever the time", async () => {
  const job = countingJob(6, (n) => n, { hedge: true });
  const cutting = { isDue: () => true, mayCut: () => true, partsFor: () => 1, isLate: () => false };
  const one = await stage({ job, chunk: { items: 3 }, cutting });
  await one.submit();
  await one.step("coordinator");
  const [first] = one.queue.take("worker", 10) as ChunkMessage[];
  const of = async (kind: "chunk" | "hedge") => {
    const message = { ...first, kind } as ChunkMessage;
    return one.runner.chunks({ spec: one.spec, chunks: [message], careful: null });
  };
  expect((await of("chunk")).cuts).toHaveLength(1);
  const { cuts, done } = await of("hedge");
  expect(cuts).toBeUndefined();
  expect(done).toMatchObject([
    {
      child: 0,
      totals: { ...NO_TOTALS, chunks: 1, succeeded: 3, units: 3, ms: expect.any(Number) as number },
    },
  ]);
});
