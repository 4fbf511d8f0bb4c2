import { chunkDelivery } from "../../src/steps/bundle/delivery.ts";
import { expect, test } from "vitest";
import type { ChunkMessage } from "../../src/core/records/message.ts";
import { FAN_IN, NodeView } from "../../src/core/records/tree.ts";
import { cancel } from "../../src/batch/submit.ts";
import { worker } from "../../src/steps/worker.ts";
import { countingJob, lineJob, upTo } from "./jobs.ts";
import { stage } from "./stage.ts";
import { BATCH } from "./stage-spec.ts";
import type { Stage } from "./stage.ts";
import type { StageOptions } from "./stage-spec.ts";

/** A planned batch without any chunk run. */
async function planned(options: StageOptions): Promise<{ one: Stage; chunks: ChunkMessage[] }> {
  const one = await stage(options);
  await one.submit();
  await one.step("coordinator");
  return { one, chunks: one.queue.take("worker") as ChunkMessage[] };
}

const failing = (from: number) => (n: number) => {
  if (n >= from) throw new TypeError(`no ${n}`);
  return n;
};

test("a duplicate delivery counts once", async () => {
  const { one, chunks } = await planned({ job: countingJob(6), chunk: { items: 2 } });
  await one.deliver("worker", chunks);
  await one.deliver("worker", chunks);
  await one.deliver("worker", chunks, 2);
  await one.pump();
  expect(one.batch()).toMatchObject({ totals: { chunks: 3, succeeded: 6 } });
  expect(one.result()).toEqual({ order: upTo(6), all: 6 });
});

test("two copies of a message in one bundle count once", async () => {
  const { one, chunks } = await planned({ job: countingJob(6), chunk: { items: 2 } });
  await one.deliver("worker", [...chunks, ...chunks.map((chunk) => ({ ...chunk }))]);
  await one.pump();
  expect(one.batch()).toMatchObject({ totals: { chunks: 3, succeeded: 6 } });
});

test("neighbours are settled together, by one update", async () => {
  const { one, chunks } = await planned({ job: countingJob(20), chunk: { items: 2 } });
  const settles: string[] = [];
  one.hook = ({ method, of }, when) =>
    void (method === "update" && when === "before" && settles.push(of.split("/")[0] ?? ""));
  await one.deliver("worker", chunks);
  expect(settles).toEqual(["partial", "node"]);
});

test("a redelivery after the settle takes the full node's next step if the first attempt died before it", async () => {
  const { one, chunks } = await planned({ job: countingJob(6), chunk: { items: 2 } });
  one.hook = ({ method }, when) => {
    if (method === "send" && when === "before") throw new Error("dies before it sends");
  };
  await expect(one.deliver("worker", chunks)).rejects.toThrow("dies before it sends");
  one.hook = () => undefined;
  expect(one.node(0, 0)).toMatchObject({ settled: 3 });
  expect(one.queue.waiting("join")).toBe(0);
  await one.deliver("worker", chunks, 2);
  expect(one.queue.waiting("join")).toBeGreaterThan(0);
  await one.pump();
  expect(one.result()).toEqual({ order: upTo(6), all: 6 });
});

test("a settle whose reply was lost is recognised as done", async () => {
  const { one, chunks } = await planned({ job: countingJob(6), chunk: { items: 2 } });
  one.hook = ({ of }, when) => {
    if (of.startsWith("node/") && when === "after") throw new Error("the reply is lost");
  };
  await expect(one.deliver("worker", chunks)).rejects.toThrow("the reply is lost");
  one.hook = () => undefined;
  await one.deliver("worker", chunks, 2);
  await one.pump();
  expect(one.batch()).toMatchObject({ totals: { chunks: 3, succeeded: 6 } });
});

/** Runs `chunk` on a worker that stops before it settles. The returned function lets it continue. */
async function heldBeforeSettle(one: Stage, chunk: ChunkMessage): Promise<() => Promise<void>> {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const state = { holding: true };
  one.hook = async ({ of, method }, when) => {
    if (!state.holding || method !== "update" || !of.startsWith("node/") || when !== "before") return;
    state.holding = false;
    await held;
  };
  const late = one.deliver("worker", [chunk]);
  while (state.holding) await new Promise((resolve) => setImmediate(resolve));
  return () => {
    release();
    return late;
  };
}

test("an attempt that comes too late still takes the full node's next step", async () => {
  const { one, chunks } = await planned({ job: countingJob(6), chunk: { items: 2 } });
  const letGo = await heldBeforeSettle(one, chunks[0]!);
  await one.deliver("worker", chunks);
  expect(one.queue.take("join").length).toBeGreaterThan(0);
  await letGo();
  expect(one.queue.waiting("join")).toBeGreaterThan(0);
});

test("an attempt that settles after the seal is not counted", async () => {
  const { one, chunks } = await planned({ job: countingJob(6), chunk: { items: 2 } });
  await one.deliver("worker", chunks.slice(1, 2));
  const letGo = await heldBeforeSettle(one, chunks[0]!);
  await cancel(one.ports, BATCH);
  await one.pump();
  const ended = { batch: one.batch(), leaf: one.node(0, 0) };
  await letGo();
  await one.pump();
  expect({ batch: one.batch(), leaf: one.node(0, 0) }).toEqual(ended);
  expect(one.batch()).toMatchObject({ state: "cancelled", totals: { chunks: 1, lost: 2 } });
  expect(one.result()).toEqual({ order: "2,3,", all: 2 });
});

test("a late attempt changes nothing that another one settled", async () => {
  const { one, chunks } = await planned({ job: countingJob(6), chunk: { items: 2 } });
  const letGo = await heldBeforeSettle(one, chunks[0]!);
  await one.deliver("worker", chunks);
  await letGo();
  await one.pump();
  expect(one.batch()).toMatchObject({ totals: { chunks: 3, succeeded: 6 } });
  expect(one.result()).toEqual({ order: upTo(6), all: 6 });
});

test("an attempt whose tag is taken is repeated under another tag", async () => {
  const { one, chunks } = await planned({ job: countingJob(6), chunk: { items: 6 } });
  const tags = ["taken00", "fresh00"];
  one.ledger.records.set(`partial/${BATCH}/taken00`, { text: "somebody else's" });
  const ports = { ...one.ports, newTag: () => tags.shift() ?? "more000" };
  await worker(
    ports,
    one.runner,
    chunks.map((message) => chunkDelivery(message, 1)),
  );
  expect(new NodeView(one.node(0, 0), FAN_IN).tag(0)).toBe("fresh00");
});

test("chunks of an ending batch are acknowledged without running", async () => {
  const seen: number[] = [];
  const { one, chunks } = await planned({
    job: countingJob(6, (n: number) => seen.push(n)),
    chunk: { items: 2 },
  });
  await cancel(one.ports, BATCH);
  await one.deliver("worker", chunks);
  expect(seen).toEqual([]);
  expect(one.queue.waiting("worker")).toBe(0);
});

test("an input that changed after planning ends the batch with INPUT_CHANGED", async () => {
  const { one, chunks } = await planned({
    job: lineJob(),
    inputs: { "x.txt": "one\ntwo\n" },
    chunk: { items: 2 },
  });
  one.store.put("in/x.txt", "one\nother\n");
  await one.deliver("worker", chunks);
  await one.pump();
  expect(one.batch()).toMatchObject({
    state: "failed",
    error: { code: "INPUT_CHANGED" },
    totals: { succeeded: 0, lost: 1 },
  });
});

test("more failed items than the tolerated count end the batch early", async () => {
  const job = countingJob(1000, failing(3), { tolerate: { count: 2 } });
  const one = await stage({ job, chunk: { items: 1 } });
  await one.submit();
  await one.pump();
  expect(one.batch()).toMatchObject({
    state: "failed",
    error: { code: "TOO_MANY_FAILURES", message: "3 items failed, the job tolerates 2" },
  });
  expect((one.batch()["totals"] as { chunks: number }).chunks).toBeLessThan(1000);
  expect(one.result()).toEqual({ order: upTo(3), all: 3 });
});

test("as many failed items as are tolerated do not end the batch", async () => {
  const job = countingJob(10, failing(8), { tolerate: { count: 2 } });
  const one = await stage({ job, chunk: { items: 1 } });
  await one.submit();
  await one.pump();
  expect(one.batch()).toMatchObject({
    state: "completed-with-failures",
    totals: { succeeded: 8, failed: 2 },
  });
});

test("failFast ends the batch at its first failed item", async () => {
  const one = await stage({ job: countingJob(500, failing(0), { failFast: true }), chunk: { items: 1 } });
  await one.submit();
  await one.pump();
  expect(one.batch()).toMatchObject({ state: "failed", error: { code: "TOO_MANY_FAILURES" } });
});

test.each([
  [20, "completed-with-failures"],
  [19, "failed"],
])("a tolerated share of %d %% is judged at the end, by all items", async (percent, state) => {
  // The first items fail: judged early, all items would have failed.
  const process = (line: string): string => {
    if (Number(line) < 2) throw new TypeError("no");
    return line;
  };
  const job = lineJob(process, { tolerate: { percent } });
  const inputs = { "x.txt": upTo(10).replaceAll(",", "\n") };
  const one = await stage({ job, inputs, chunk: { items: 1 } });
  await one.submit();
  await one.pump();
  expect(one.batch()).toMatchObject({ state, totals: { succeeded: 8, failed: 2, lost: 0 } });
});

test("a failure that was counted before a crash is not counted again", async () => {
  const job = countingJob(4, failing(3), { tolerate: { count: 1 } });
  const { one, chunks } = await planned({ job, chunk: { items: 4 } });
  one.hook = ({ of }, when) => {
    if (of.startsWith("failures/") && when === "after") throw new Error("dies");
  };
  await expect(one.deliver("worker", chunks)).rejects.toThrow("dies");
  one.hook = () => undefined;
  await one.deliver("worker", chunks, 2);
  await one.pump();
  expect(one.ledger.records.get(`failures/${BATCH}`)).toEqual({ failed: 1 });
  expect(one.batch()).toMatchObject({ state: "completed-with-failures", totals: { failed: 1 } });
});

test("failed items after unsettled chunks have no index and no line", async () => {
  const text = Array.from({ length: 6 }, (_, n) => `${n}\n`).join("");
  const job = lineJob((line: string) => {
    if (Number(line) % 2 === 1) throw new TypeError("odd");
    return line;
  });
  const { one, chunks } = await planned({ job, inputs: { "x.txt": text }, chunk: { items: 2 } });
  await one.deliver("worker", chunks.slice(0, 1));
  await one.deliver("worker", chunks.slice(2));
  await cancel(one.ports, BATCH);
  await one.pump();
  expect(one.batch()).toMatchObject({
    state: "cancelled",
    totals: { chunks: 2, lost: 1, succeeded: 2, failed: 2 },
  });
  expect(one.failed().map(({ index, line, offset }) => ({ index, line, offset }))).toEqual([
    { index: 1, line: 2, offset: 2 },
    { index: null, line: null, offset: 10 },
  ]);
  expect(one.result()).toEqual({ order: "0,4,", all: 2 });
});

test("a source that begins after the gap has its positions again", async () => {
  const job = lineJob(() => {
    throw new TypeError("no");
  });
  const { one, chunks } = await planned({
    job,
    inputs: { "a.txt": "1\n2\n", "b.txt": "3\n4\n" },
    chunk: { items: 1 },
  });
  await one.deliver("worker", chunks.slice(1));
  await cancel(one.ports, BATCH);
  await one.pump();
  expect(one.failed().map(({ source, index, line }) => [source, index, line])).toEqual([
    ["a.txt", null, null],
    ["b.txt", 0, 1],
    ["b.txt", 1, 2],
  ]);
});

test("a counter of failures that is ahead of the tree does not end the batch", async () => {
  const job = countingJob(
    6,
    (n: number) => {
      if (n === 0) throw new TypeError("no");
      return n;
    },
    { tolerate: { count: 2 } },
  );
  const { one, chunks } = await planned({ job, chunk: { items: 2 } });
  // Updates whose reply was lost were repeated.
  one.ledger.records.set(`failures/${BATCH}`, { failed: 2 });
  await one.deliver("worker", chunks);
  await one.pump();
  expect(one.batch()).toMatchObject({
    state: "completed-with-failures",
    totals: { failed: 1, succeeded: 5 },
  });
});
