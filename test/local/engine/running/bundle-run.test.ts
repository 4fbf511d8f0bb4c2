/** What the engine notes of a bundle that runs, and whom it tells. */
import { expect, test } from "vitest";
import type { ChunkMessage } from "../../../../src/core/records/message.ts";
import { ActiveBatches } from "../../../../src/local/engine/active-batches.ts";
import { BatchTurns } from "../../../../src/local/engine/pumping/batch-turns.ts";
import type { QueuedChunk } from "../../../../src/local/engine/pumping/pump.ts";
import { BundleWork } from "../../../../src/local/engine/running/bundle-work.ts";
import type { BundleWorkContext } from "../../../../src/local/engine/running/bundle-work.ts";
import type { ChunksEvents, ChunksRequest, Runner } from "../../../../src/runner/runner.ts";
import { countingJob } from "../../../steps/jobs.ts";
import type { Process } from "../../../steps/jobs.ts";
import { stage } from "../../../steps/stage.ts";
import { BATCH } from "../../../steps/stage-spec.ts";
import type { JobSettings } from "../../../../src/job/job.ts";
import { marksOf, recording, totals } from "../history/recording.ts";

interface Settings extends JobSettings {
  readonly hasHistory?: boolean;
  readonly process?: Process;
  /** Takes the place of the runner's, `run`. */
  readonly chunks?: (
    request: ChunksRequest,
    events: ChunksEvents,
    run: Runner["chunks"],
  ) => ReturnType<Runner["chunks"]>;
}

/** Four chunks of two items, as a bundle, and all that is told of it, in order. */
async function bundled({ process, chunks, hasHistory = true, ...settings }: Settings = {}) {
  const one = await stage({ job: countingJob(8, process, settings), chunk: { items: 2 } });
  await one.submit();
  await one.step("coordinator");
  const bundle = (one.queue.take("worker") as ChunkMessage[]).map((message, id): QueuedChunk => {
    return { id, queue: "worker", message, receives: 1, carried: 0, suspect: false };
  });
  const batches = new ActiveBatches();
  batches.open(one.spec);
  const turns = new BatchTurns(() => 0);
  const recorder = recording({ start: 0 });
  const told: unknown[] = [];
  const numbers = (deliveries: readonly QueuedChunk[]): number[] =>
    deliveries.map(({ message }) => message.chunk);
  const hedging = {
    begin: (begun: readonly QueuedChunk[]) => void told.push(["begin", numbers(begun)]),
    end: async (ended: readonly QueuedChunk[]) => void told.push(["end", numbers(ended)]),
  };
  const runner: Runner = {
    ...one.runner,
    chunks: (request, events = {}) => {
      const run = one.runner.chunks.bind(one.runner);
      return chunks ? chunks(request, events, run) : run(request, events);
    },
  };
  const work = new BundleWork({
    ports: () => one.ports,
    runner,
    batches,
    turns,
    histories: { find: (batch: string) => (hasHistory && batch === BATCH ? recorder : undefined) },
    hedging: () => hedging,
    ends: () => ({ notice: async (batch: string) => void told.push(["notice", batch]) }),
  } as unknown as BundleWorkContext);
  const run = (of: readonly QueuedChunk[] = bundle): Promise<readonly QueuedChunk[]> =>
    work.run(of, {
      onDraining: () => void told.push("draining"),
      onDone: (done) => void told.push(["done", numbers(done)]),
    });
  return { one, bundle, batches, turns, recorder, told, run };
}

test("a bundle that is settled is counted and learned from, and nobody looks for an end", async () => {
  const { run, told, batches, turns, recorder } = await bundled();
  expect(turns.sizeOf(BATCH).msPerChunk).toBeNull();
  expect(await run()).toEqual([]);
  expect(told).toEqual([
    ["begin", [0, 1, 2, 3]],
    // The caller acknowledges what is settled at the end.
    ["done", []],
    ["end", []],
    "draining",
    ["end", [0, 1, 2, 3]],
  ]);
  expect(batches.progress(BATCH).totals).toMatchObject({ chunks: 4, succeeded: 8 });
  expect(turns.sizeOf(BATCH).msPerChunk).not.toBeNull();
  expect(recorder.history(0).counts.settled).toBe(4);
});

test("chunks that are done before others are acknowledged and no longer watched", async () => {
  const { run, told, batches } = await bundled({
    async chunks({ chunks, ...request }, { onPart }, run) {
      onPart?.(await run({ ...request, chunks: chunks.slice(0, 3) }));
      return run({ ...request, chunks: chunks.slice(3) });
    },
  });
  expect(await run()).toEqual([]);
  expect(told).toEqual([
    ["begin", [0, 1, 2, 3]],
    ["done", [0, 1, 2]],
    ["end", [0, 1, 2]],
    ["done", []],
    ["end", []],
    "draining",
    ["end", [0, 1, 2, 3]],
  ]);
  expect(batches.progress(BATCH).totals).toMatchObject({ chunks: 4, succeeded: 8 });
});

const failing: Process = () => {
  throw new TypeError("bad");
};

test.for<[string, Settings, number]>([
  ["items have failed", { process: failing, tolerate: { percent: 100 } }, 1],
  ["it may have enough", { enough: { items: 1000 } }, 1],
  ["all items have succeeded, and it wants all", {}, 0],
])("whether a batch is to end is asked when %s", async ([, settings, times]) => {
  const { run, told } = await bundled(settings);
  await run();
  expect(told.filter((one) => String(one).startsWith("notice"))).toEqual(
    Array.from({ length: times }, () => ["notice", BATCH]),
  );
});

test("chunks that were interrupted come again, hedges do not, and their batch may be to end", async () => {
  // As where the input has changed: nothing is done.
  const { run, told, bundle } = await bundled({ chunks: async () => ({ body: null, done: [] }) });
  const [first, ...others] = bundle as [QueuedChunk, ...QueuedChunk[]];
  const hedge: QueuedChunk = { ...first, message: { ...first.message, kind: "hedge" } };
  expect(await run([hedge, ...others])).toEqual(others);
  expect(told).toContainEqual(["notice", BATCH]);
  expect(told.at(-1)).toEqual(["end", [0, 1, 2, 3]]);
});

test("a bundle that fails is not watched any more", async () => {
  const { run, told, batches } = await bundled({
    chunks: () => Promise.reject(new Error("the thread has died")),
  });
  await expect(run()).rejects.toThrow("the thread has died");
  expect(told).toEqual([["begin", [0, 1, 2, 3]], "draining", ["end", [0, 1, 2, 3]]]);
  expect(batches.progress(BATCH).totals.chunks).toBe(0);
});

test("a chunk of a redelivery is recorded as a further attempt, and the others as the first", async () => {
  const { run, bundle, recorder } = await bundled();
  await run(bundle.map((delivery, at) => ({ ...delivery, receives: at === 2 ? 3 : 1 })));
  const running = recorder.begin(
    bundle.map(({ message }) => message),
    0,
  );
  const done = bundle.map(({ message }) => ({ child: message.chunk, totals: totals() }));
  recorder.settle(running, { body: null, done }, 10);
  expect(marksOf(recorder).map(([, , , , chunk, , , attempt]) => [chunk, attempt])).toEqual([
    [0, 1],
    [1, 1],
    [2, 3],
    [3, 1],
  ]);
});

test("a bundle of a batch that has no history is settled all the same", async () => {
  const { run, bundle, batches } = await bundled({ hasHistory: false });
  expect(await run(bundle.map((delivery) => ({ ...delivery, receives: 2 })))).toEqual([]);
  expect(batches.progress(BATCH).totals).toMatchObject({ chunks: 4 });
});

test("a chunk that is read from a spool says that sizes are not those of the text", async () => {
  const { run, bundle, batches } = await bundled();
  expect(batches.progress(BATCH).units).toBe(8);
  const [first, ...others] = bundle as [QueuedChunk, ...QueuedChunk[]];
  const spool = { name: "spool", offset: 0, length: 9, base: 0 };
  await run([...others, { ...first, message: { ...first.message, spool } }]).catch(() => undefined);
  expect(batches.progress(BATCH).units).toBeNull();
});
