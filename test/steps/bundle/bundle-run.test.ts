/** Chunks that are settled while others of their bundle run. */
import { expect, test } from "vitest";
import type { ChunkMessage } from "../../../src/core/records/message.ts";
import { FAN_IN, NodeView } from "../../../src/core/records/tree.ts";
import type { Totals } from "../../../src/core/records/totals.ts";
import type { ChunksReply, Runner } from "../../../src/runner/runner.ts";
import { chunkDelivery } from "../../../src/steps/bundle/delivery.ts";
import { worker } from "../../../src/steps/worker.ts";
import { stage } from "../stage.ts";
import { BATCH } from "../stage-spec.ts";
import type { Stage } from "../stage.ts";
import { FanjoinError } from "../../../src/core/errors/errors.ts";
import type { ErrorCode } from "../../../src/core/errors/errors.ts";
import { countingJob, joinlessJob, upTo } from "../jobs.ts";

interface Planned {
  readonly one: Stage;
  readonly chunks: readonly ChunkMessage[];
  /** The numbers of the chunks that ran, in order. */
  readonly ran: number[];
}

/** Three chunks of two items. */
async function planned(job = countingJob(6)): Promise<Planned> {
  const one = await stage({ job, chunk: { items: 2 } });
  await one.submit();
  await one.step("coordinator");
  return { one, chunks: one.queue.take("worker", 10) as ChunkMessage[], ran: [] };
}

/** Hands each chunk over as it is done, but for the last one. `before` is called before each chunk. */
function oneByOne(
  { one, ran }: Planned,
  before: (chunk: number) => void | Promise<void> = () => undefined,
): Runner {
  return {
    ...one.runner,
    async chunks({ chunks, ...request }, events) {
      if (!events?.onPart) return one.runner.chunks({ ...request, chunks });
      let last: ChunksReply = { body: null, done: [] };
      for (const message of chunks) {
        await before(message.chunk);
        ran.push(message.chunk);
        last = await one.runner.chunks({ ...request, chunks: [message] });
        if (message !== chunks.at(-1)) events.onPart(last);
      }
      return last;
    },
  };
}

const tagsOf = (one: Stage): (string | null)[] => {
  const view = new NodeView(one.node(0, 0), FAN_IN);
  return [0, 1, 2].map((child) => view.tag(child));
};

const firstTime = (message: ChunkMessage) => chunkDelivery(message, 1);
const again = (message: ChunkMessage) => chunkDelivery(message, 2);

test("a chunk is settled under a tag of its own while others of its bundle run, and its delivery is told", async () => {
  const it = await planned();
  const seen: (number | null)[][] = [];
  const told: [number[], number][] = [];
  const runner = oneByOne(it, async () => {
    await new Promise(setImmediate);
    seen.push(tagsOf(it.one).map((tag) => (tag === null ? null : 1)));
  });
  const onSettled = async (
    batch: string,
    { succeeded }: Totals,
    done: readonly { message: ChunkMessage }[],
  ) => {
    expect(batch).toBe(BATCH);
    told.push([done.map(({ message }) => message.chunk), succeeded]);
  };
  const { unfinished, settled } = await worker(it.one.ports, runner, it.chunks.map(firstTime), { onSettled });
  expect(seen).toEqual([
    [null, null, null],
    [1, null, null],
    [1, 1, null],
  ]);
  expect(told).toEqual([
    [[0], 2],
    [[1], 2],
    [[], 2],
  ]);
  expect(unfinished).toEqual([]);
  expect(settled.get(BATCH)).toMatchObject({ chunks: 3, succeeded: 6 });
  expect(new Set(tagsOf(it.one)).size).toBe(3);
  await it.one.pump();
  expect(it.one.result()).toEqual({ order: upTo(6), all: 6 });
});

test("a chunk that was settled is not run again when its bundle has failed", async () => {
  const it = await planned();
  const runner = oneByOne(it, (chunk) => {
    if (chunk === 2 && it.ran.length < 3) throw new Error("the invocation died");
  });
  await expect(worker(it.one.ports, runner, it.chunks.map(firstTime))).rejects.toThrow("the invocation died");
  expect(tagsOf(it.one).map((tag) => tag === null)).toEqual([false, false, true]);
  const spied: number[] = [];
  const spy: Runner = {
    ...it.one.runner,
    chunks(request) {
      spied.push(...request.chunks.map(({ chunk }) => chunk));
      return it.one.runner.chunks(request);
    },
  };
  await worker(it.one.ports, spy, it.chunks.map(again));
  expect(spied).toEqual([2]);
  expect(it.ran).toEqual([0, 1]);
  await it.one.pump();
  expect(it.one.batch()).toMatchObject({ totals: { chunks: 3, succeeded: 6 } });
  expect(it.one.result()).toEqual({ order: upTo(6), all: 6 });
});

test("a chunk that could not be settled early fails its bundle, and comes again", async () => {
  const it = await planned();
  let failures = 1;
  it.one.hook = ({ method, of }, when) => {
    const isLeaf = method === "update" && of.includes("/0/0");
    if (isLeaf && when === "before" && failures-- > 0) throw new Error("the ledger is gone");
  };
  await expect(worker(it.one.ports, oneByOne(it), it.chunks.map(firstTime))).rejects.toThrow(
    "the ledger is gone",
  );
  expect(tagsOf(it.one)[0]).toBeNull();
  await worker(it.one.ports, oneByOne(it), it.chunks.map(again));
  await it.one.pump();
  expect(it.one.batch()).toMatchObject({ totals: { chunks: 3, succeeded: 6 } });
});

test("an attempt whose tag is taken leaves out what was settled early", async () => {
  const it = await planned();
  it.one.ledger.records.set(`partial/${BATCH}/taken00`, { text: "somebody else's" });
  const tags = ["first00", "second0", "taken00", "fresh00"];
  const ports = { ...it.one.ports, newTag: () => tags.shift() ?? "more000" };
  await worker(ports, oneByOne(it), it.chunks.map(firstTime));
  expect(it.ran).toEqual([0, 1, 2, 2]);
  expect(tagsOf(it.one)).toEqual(["first00", "second0", "fresh00"]);
});

test("a part with more failed items than are tolerated ends the batch while the others run", async () => {
  const job = countingJob(
    6,
    () => {
      throw new Error("no");
    },
    { tolerate: { count: 1 } },
  );
  const it = await planned(job);
  const states: unknown[] = [];
  const runner = oneByOne(it, async () => {
    await new Promise(setImmediate);
    states.push(it.one.batch()["reason"] ?? it.one.batch()["ending"] ?? null);
  });
  await worker(it.one.ports, runner, it.chunks.map(firstTime));
  expect(states[0]).toBeNull();
  expect(states[1]).not.toBeNull();
});

test("chunks of several batches run side by side, and there is room when all of them drain", async () => {
  const it = await planned();
  const other = it.chunks.map((message) => ({ ...message, batch: "01OTHER" }));
  it.one.ledger.records.set("batch/01OTHER", { ...it.one.batch() });
  const gates = new Map<string, () => void>();
  const events: string[] = [];
  const runner: Runner = {
    ...it.one.runner,
    async chunks({ spec }, told) {
      events.push(`begins ${spec.batch}`);
      await new Promise<void>((resolve) => gates.set(spec.batch, resolve));
      told?.onDraining?.();
      return { body: null, done: [] };
    },
  };
  const both = [...it.chunks, ...other].map(firstTime);
  const working = worker(it.one.ports, runner, both, { onDraining: () => events.push("drains") });
  while (gates.size < 2) await new Promise(setImmediate);
  gates.get("01OTHER")?.();
  await new Promise(setImmediate);
  expect(events).not.toContain("drains");
  gates.get(BATCH)?.();
  const { unfinished } = await working;
  expect(events.at(-1)).toBe("drains");
  expect(events.slice(0, 2).toSorted()).toEqual(["begins 01BATCH", "begins 01OTHER"]);
  expect(unfinished).toEqual(both);
});

test("a worker that settles the nodes above its chunks, too, counts each chunk once", async () => {
  const chunks = FAN_IN + 20;
  const one = await stage({ job: joinlessJob(chunks), chunk: { items: 1 } });
  await one.submit();
  while ((await one.step("coordinator")) > 0);
  const deliveries = (one.queue.take("worker", chunks) as ChunkMessage[]).map(firstTime);
  const told: number[] = [];
  const onSettled = async (_batch: string, totals: Totals): Promise<void> => void told.push(totals.succeeded);
  for (const part of [deliveries.slice(0, FAN_IN - 1), deliveries.slice(FAN_IN - 1)]) {
    const { settled } = await worker(one.ports, one.runner, part, { onSettled });
    expect(settled.get(BATCH)).toMatchObject({ chunks: part.length, succeeded: part.length });
  }
  // The second bundle has filled both leaves, which settled in the root without a join.
  expect(one.node(1, 0)).toMatchObject({ settled: 2 });
  expect(told).toEqual([FAN_IN - 1, chunks - FAN_IN + 1]);
});

test.for<[ErrorCode, ends: boolean]>([
  ["INPUT_NOT_FOUND", true],
  ["INPUT_FORBIDDEN", true],
  ["DIRECTORY_UNUSABLE", false],
  ["SETUP_FAILED", false],
])("an attempt that fails with %s ends the batch: %s", async ([code, ends]) => {
  const it = await planned();
  const failing: Runner = {
    ...it.one.runner,
    chunks: () => Promise.reject(new FanjoinError(code, "no")),
  };
  const working = worker(it.one.ports, failing, it.chunks.map(again));
  const outcome = await working.then(
    ({ unfinished }) => unfinished.length,
    (error: unknown) => (error instanceof FanjoinError ? error.code : error),
  );
  expect(outcome).toBe(ends ? 3 : code);
  expect(it.one.batch()["error"] ?? null).toEqual(ends ? { code, message: "no" } : null);
  expect(it.one.batch()["ending"]).toBe(ends ? "input" : undefined);
});
