/** Looks for stragglers, and hedges, with the real steps. */
import { expect, test } from "vitest";
import { pause } from "../../../src/batch/steering/pausing.ts";
import { redrive } from "../../../src/batch/steering/redrive.ts";
import { summarize } from "../../../src/batch/summary/summary.ts";
import { quarantine } from "../../../src/core/records/attempts/crash-journal.ts";
import { cutChunk } from "../../../src/core/records/split.ts";
import { nodeKey } from "../../../src/core/records/tree.ts";
import { NO_TOTALS } from "../../../src/core/records/totals.ts";
import { MAX_RECEIVES } from "../../../src/core/records/message.ts";
import type { ChunkMessage, Message, StragglersMessage } from "../../../src/core/records/message.ts";
import { hedgeStragglers } from "../../../src/steps/hedging/look-for-stragglers.ts";
import { countingJob, upTo } from "../jobs.ts";
import { stage } from "../stage.ts";
import { BATCH } from "../stage-spec.ts";
import type { Stage } from "../stage.ts";

const LEAF = { batch: BATCH, generation: 0, level: 0, index: 0 };
const LOOK: StragglersMessage = { kind: "stragglers", node: LEAF, attempt: 1, delayMs: 10_000 };

interface Planned {
  readonly one: Stage;
  readonly chunks: readonly ChunkMessage[];
  readonly ran: number[];
}

/** Forty chunks of one item each, whose messages are taken out. */
async function planned(hedge = true, process: (n: number) => unknown = (n) => n): Promise<Planned> {
  const ran: number[] = [];
  const job = countingJob(
    40,
    (n) => {
      ran.push(n);
      return process(n);
    },
    { hedge },
  );
  const one = await stage({ job, chunk: { items: 1 } });
  await one.submit();
  await one.step("coordinator");
  return { one, ran, chunks: one.queue.take("worker") as ChunkMessage[] };
}

async function deliverBut(it: Planned, ...open: readonly number[]): Promise<void> {
  await it.one.deliver(
    "worker",
    it.chunks.filter(({ chunk }) => !open.includes(chunk)),
  );
}

function looksOf(one: Stage): Message[] {
  return one.queue.take("join").filter(({ kind }) => kind === "stragglers");
}

const hedgesIn = (one: Stage): ChunkMessage[] => one.queue.take("worker") as ChunkMessage[];

async function hedgesOf(one: Stage): Promise<unknown> {
  return (await summarize(one.ledger, BATCH, one.batch(), () => "")).hedges;
}

test("the worker that settles nine tenths of a leaf asks for one look, ten seconds later", async () => {
  const it = await planned();
  await it.one.deliver("worker", it.chunks.slice(0, 35));
  expect(looksOf(it.one)).toEqual([]);
  await it.one.deliver("worker", it.chunks.slice(35, 37));
  expect(looksOf(it.one)).toEqual([LOOK]);
  await it.one.deliver("worker", it.chunks.slice(37, 38));
  expect(looksOf(it.one)).toEqual([]);
});

test("a batch that does not hedge asks for no look", async () => {
  const it = await planned(false);
  await deliverBut(it, 3);
  expect(looksOf(it.one)).toEqual([]);
});

test("a chunk that is open at the look runs once more, and the first attempt to settle counts", async () => {
  const it = await planned();
  await deliverBut(it, 3, 11, 27);
  await it.one.deliver("join", looksOf(it.one));
  const hedges = hedgesIn(it.one);
  // A twentieth of forty.
  expect(hedges).toEqual([3, 11].map((chunk) => ({ ...it.chunks[chunk], kind: "hedge", look: true })));
  await it.one.deliver("worker", [hedges[0] as ChunkMessage]);
  await deliverBut(
    it,
    ...it.chunks.map(({ chunk }) => chunk).filter((chunk) => ![3, 11, 27].includes(chunk)),
  );
  await it.one.deliver("worker", [hedges[1] as ChunkMessage]);
  await it.one.pump();
  expect(it.one.batch()).toMatchObject({ state: "succeeded", totals: { chunks: 40, succeeded: 40 } });
  expect(it.one.result()).toEqual({ order: upTo(40), all: 40 });
  // Hedge 3 was first. Its chunk ran once more in vain, and the hedge of 11 saw that it was settled.
  expect(it.ran.filter((n) => n === 3 || n === 11)).toEqual([3, 3, 11]);
  expect(await hedgesOf(it.one)).toEqual({ sent: 2, won: 1 });
  expect(it.one.hedges).toEqual({ won: 1, lost: 0 });
});

test("a look that comes again hedges nothing twice", async () => {
  const it = await planned();
  await deliverBut(it, 3, 11, 27);
  looksOf(it.one);
  await it.one.deliver("join", [LOOK, LOOK]);
  expect(hedgesIn(it.one)).toHaveLength(2);
  expect(it.one.queue.waiting("join")).toBe(0);
});

test("chunks that were cut, or that have ended a process, are not hedged", async () => {
  const it = await planned();
  await deliverBut(it, 3, 11, 27);
  const [three, eleven] = [it.chunks[3], it.chunks[11]] as [ChunkMessage, ChunkMessage];
  await it.one.ledger.update(
    cutChunk({ message: three, ranges: [{ start: 3, done: true }], totals: NO_TOTALS }, "tag"),
  );
  const error = { name: "E", message: "" };
  await it.one.ledger.update(quarantine(eleven, { index: 0, code: "ITEM_CRASHED", error, attempts: 1 }));
  await it.one.deliver("join", [LOOK]);
  expect(hedgesIn(it.one).map(({ chunk }) => chunk)).toEqual([27]);
});

test("a look that comes too early is followed by another one, after twice the time", async () => {
  const it = await planned();
  await deliverBut(it, 3);
  it.one.queue.take("join");
  await pause(it.one.ports, BATCH);
  await it.one.deliver("join", [LOOK]);
  expect(hedgesIn(it.one)).toEqual([]);
  expect(looksOf(it.one)).toEqual([{ ...LOOK, delayMs: 20_000 }]);
  await it.one.deliver("join", [{ ...LOOK, delayMs: 800_000 }]);
  expect(looksOf(it.one)).toEqual([{ ...LOOK, delayMs: 900_000 }]);
});

test("a hedge whose attempt died is not run again, and gives nothing up", async () => {
  const it = await planned();
  await deliverBut(it, 3);
  await it.one.deliver("join", [LOOK]);
  const [hedge] = hedgesIn(it.one);
  if (!hedge) throw new Error("there is no hedge");
  it.ran.length = 0;
  await it.one.deliver("worker", [hedge], 2);
  await it.one.deliver("dead-letter", [{ ...hedge, attempt: 9 * MAX_RECEIVES }]);
  await it.one.deliver("dead-letter", [LOOK]);
  expect(it.ran).toEqual([]);
  expect(it.one.queue.waiting("worker")).toBe(0);
  expect(it.one.node(0, 0)).toMatchObject({ settled: 39, broken: 0 });
  await it.one.deliver("worker", [it.chunks[3] as ChunkMessage]);
  await it.one.pump();
  expect(it.one.batch()).toMatchObject({ state: "succeeded", totals: { broken: 0, succeeded: 40 } });
});

test("a hedge that comes too late is lost once, whatever else its bundle settles", async () => {
  const it = await planned();
  await deliverBut(it, 3, 27);
  await it.one.deliver("join", looksOf(it.one));
  const [hedge] = hedgesIn(it.one) as [ChunkMessage];
  expect(hedge).toMatchObject({ kind: "hedge", chunk: 3 });
  let isSettled = false;
  it.one.hook = async ({ method, of }, when) => {
    if (isSettled || method !== "update" || of !== nodeKey(LEAF) || when !== "before") return;
    isSettled = true;
    await it.one.deliver("worker", [it.chunks[3] as ChunkMessage]);
  };
  await it.one.deliver("worker", [hedge, it.chunks[27] as ChunkMessage]);
  expect(it.one.hedges).toEqual({ won: 0, lost: 1 });
  await it.one.pump();
  expect(it.one.batch()).toMatchObject({ state: "succeeded", totals: { succeeded: 40 } });
});

test("a hedge that fails does not come again", async () => {
  const it = await planned();
  await deliverBut(it, 3);
  await it.one.deliver("join", [LOOK]);
  it.one.interrupt();
  await it.one.deliver("worker", hedgesIn(it.one));
  expect(it.one.queue.waiting("worker")).toBe(0);
});

test("a hedge gives way to the first message of its chunk in one bundle", async () => {
  const it = await planned();
  await deliverBut(it, 3);
  await it.one.deliver("join", [LOOK]);
  const first = it.chunks[3] as ChunkMessage;
  it.one.interrupt();
  await it.one.deliver("worker", [first, ...hedgesIn(it.one)]);
  expect(it.one.queue.take("worker")).toEqual([first]);
});

test("a failed item is hedged in a redrive as what it was before", async () => {
  const repaired = { is: false };
  const it = await planned(true, (n) => {
    if (n === 3 && !repaired.is) throw new TypeError("no");
    return n;
  });
  await deliverBut(it);
  await it.one.pump();
  expect(it.one.batch()["totals"]).toMatchObject({ succeeded: 39, failed: 1 });
  repaired.is = true;
  await redrive(it.one.ports, BATCH, null);
  await it.one.step("coordinator");
  const [again] = it.one.queue.take("worker") as ChunkMessage[];
  expect(await hedgeStragglers(it.one.ports, { ...LEAF, generation: 1 }, null)).toBe(1);
  expect(hedgesIn(it.one)).toEqual([{ ...again, kind: "hedge", look: true }]);
  await it.one.deliver("worker", [{ ...again, kind: "hedge", look: true } as ChunkMessage]);
  await it.one.deliver("worker", [again as ChunkMessage]);
  await it.one.pump();
  expect(it.one.batch()["totals"]).toMatchObject({ chunks: 40, succeeded: 40, failed: 0 });
  expect(it.one.hedges).toEqual({ won: 1, lost: 0 });
});
