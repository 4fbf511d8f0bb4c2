/** How many chunks of a batch wait before its planner does, and how many bundles a thread holds. */
import { expect, test } from "vitest";
import type { BatchSpec } from "../../../../src/batch/spec.ts";
import { NO_TOTALS } from "../../../../src/core/records/totals.ts";
import { ActiveBatches } from "../../../../src/local/engine/active-batches.ts";
import { BatchTurns } from "../../../../src/local/engine/pumping/batch-turns.ts";
import { BundleWork } from "../../../../src/local/engine/running/bundle-work.ts";
import type { BundleWorkContext } from "../../../../src/local/engine/running/bundle-work.ts";

const spec = (batch: string, concurrency?: number): BatchSpec => ({
  batch,
  job: "job",
  input: { reader: "range", options: {}, sources: [] },
  params: null,
  chunk: { items: null, bytes: null },
  ...(concurrency === undefined ? {} : { concurrency }),
  tolerate: { count: null, percent: null },
  createdAt: 0,
  deadlineAt: 1,
  jobFile: null,
});

/** A batch whose chunks take `msPerChunk`, of which `waiting` ones wait for two threads. */
function working({ concurrency, msPerChunk = null }: { concurrency?: number; msPerChunk?: number | null }) {
  const batches = new ActiveBatches();
  const active = batches.open(spec("01A", concurrency));
  const turns = new BatchTurns(() => 0);
  if (msPerChunk !== null) turns.learn("01A", { ...NO_TOTALS, chunks: 10, ms: msPerChunk * 10 });
  const queue = { waiting: 0, waitingOf: () => queue.waiting };
  const context = { batches, turns, queue, threads: { most: 2 } };
  const work = new BundleWork(context as unknown as BundleWorkContext);
  /** The fewest waiting chunks that are enough. */
  const enough = (): number => {
    for (queue.waiting = 0; !work.hasEnough("01A") && queue.waiting < 10_000;) queue.waiting++;
    return queue.waiting;
  };
  return { work, active, enough };
}

test("a planner waits once there are four bundles for each thread", () => {
  expect(working({}).enough()).toBe(8);
  // A bundle has 8 ms of work.
  expect(working({ msPerChunk: 2 }).enough()).toBe(4 * 8);
  expect(working({ msPerChunk: 1000 }).enough()).toBe(8);
});

test("the planner of a batch that is to end waits for no room", () => {
  const { work, active, enough } = working({});
  expect(enough()).toBe(8);
  expect(work.hasEnough("01A")).toBe(true);
  active.interrupted = true;
  expect(work.hasEnough("01A")).toBe(false);
});

test("a thread holds a second bundle, unless its chunks are long and their items run one by one", () => {
  const held = (options: Parameters<typeof working>[0]): number =>
    working(options).work.bundlesPerThread("01A");
  expect(held({})).toBe(2);
  expect(held({ msPerChunk: 200 })).toBe(2);
  expect(held({ msPerChunk: 201 })).toBe(1);
  expect(held({ concurrency: 1, msPerChunk: 201 })).toBe(1);
  expect(held({ concurrency: 2, msPerChunk: 201 })).toBe(2);
  expect(working({}).work.bundlesPerThread("unknown")).toBe(2);
});
