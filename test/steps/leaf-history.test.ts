import { describe, expect, test } from "vitest";
import { readLeafHistory } from "../../src/batch/summary/leaf-history.ts";
import { openBatch } from "../../src/core/records/batch/batch.ts";
import { close, settle } from "../../src/core/records/tree.ts";
import { NO_TOTALS } from "../../src/core/records/totals.ts";
import type { Totals } from "../../src/core/records/totals.ts";
import { timedRunner, withLeafHistory } from "../../src/steps/leaf-history.ts";
import type { ChunksReply, ChunksRequest, Runner } from "../../src/runner/runner.ts";
import { memoryLedger } from "../../src/testing/memory/ledger.ts";
import { manualClock } from "../memory/clock.ts";

const BATCH = "01A";
const NODE = { batch: BATCH, generation: 0, level: 0 };
const SOME: Totals = { ...NO_TOTALS, chunks: 50, succeeded: 495, failed: 5, ms: 25_000 };

async function begun(fields: { readonly chunks?: number } = {}) {
  const ledger = memoryLedger();
  const clock = manualClock();
  const start = clock.now();
  await ledger.update(openBatch(BATCH, { job: "job", createdAt: start, ...fields }));
  const errors: unknown[] = [];
  const ports = withLeafHistory({ ledger, clock }, (error) => errors.push(error));
  let tags = 0;
  /** `chunks`: how many of them, from `first` on. */
  const settleChunks = (first: number, chunks: number, totals: Totals = SOME) => {
    const children = Array.from({ length: chunks }, (_, place) => (first + place) % 100);
    const node = { ...NODE, index: Math.floor(first / 100) };
    return ports.ledger.update(settle(node, children, `t${tags++}`, { ...totals, chunks }));
  };
  const history = async (settled = { chunks: 0, succeeded: 0, failed: 0 }) => {
    const [found = null] = await ledger.read([`batch/${BATCH}`]);
    const { chunks, ...items } = settled;
    const counts = {
      items: { total: null, skipped: 0, ...items },
      chunks: { total: null, settled: chunks, skipped: 0 },
    };
    return readLeafHistory(ledger, { batch: BATCH, fields: found ?? {} }, counts, clock.now());
  };
  const written = () => [...ledger.records.keys()].filter((key) => key.startsWith("history/"));
  return { ledger, clock, ports, errors, settleChunks, history, start, written };
}

describe("a batch of many chunks", () => {
  test("has a write for each leaf, by the settle that fills it, once", async () => {
    const { clock, settleChunks, history, written, start, errors } = await begun();
    expect(await history()).toBeNull();
    clock.advance(2000);
    await settleChunks(0, 50);
    expect(written()).toEqual([]);
    clock.advance(8000);
    await settleChunks(50, 50);
    expect(written()).toHaveLength(1);
    // It was delivered twice.
    expect((await settleChunks(50, 50)).applied).toBe(false);
    clock.advance(2000);
    const seen = await history();
    expect(seen).toMatchObject({
      start,
      now: 12_000,
      interval: 1000,
      counts: { settled: 100, running: null },
      timeline: null,
    });
    // Settled at 2 s and at 10 s, so on average at 6 s: evenly in between.
    expect(seen?.points.done).toEqual([0, 0, ...Array.from({ length: 8 }, () => 125), 0, 0]);
    expect(seen?.points.inFlight.slice(1, 4)).toEqual([0, 6.3, 6.3]);
    expect(errors).toEqual([]);
  });

  test("has a write for its last leaf, which is full with fewer chunks", async () => {
    const { ledger, settleChunks, written } = await begun();
    await ledger.update(close({ ...NODE, index: 1 }, 30, false));
    await settleChunks(100, 20);
    expect(written()).toEqual([]);
    await settleChunks(120, 10);
    expect(written()).toHaveLength(1);
  });

  test("a history that cannot be written costs nothing else", async () => {
    const { ledger, ports, errors, settleChunks } = await begun();
    const update = ledger.update.bind(ledger);
    ledger.update = async (change) => {
      if (change.key.startsWith("history/")) throw new Error("no room");
      return update(change);
    };
    expect((await settleChunks(0, 100)).applied).toBe(true);
    expect(errors).toHaveLength(1);
    expect(await ports.ledger.list("node/", null, 10)).toHaveLength(1);
  });

  test("nodes above the leaves bring nothing along: their leaves do", async () => {
    const { ledger, ports, written } = await begun();
    await ports.ledger.update(settle({ ...NODE, level: 1, index: 0 }, [0], "a", SOME));
    expect(written()).toEqual([]);
    expect(ledger.records.get(`node/${BATCH}/0/1/00000000`)).not.toHaveProperty("T");
  });

  test("a settle of another generation than the batch is in is left as it is", async () => {
    const { ledger, ports } = await begun();
    const change = settle({ ...NODE, generation: 1, index: 0 }, [0], "a", SOME);
    expect((await ports.ledger.update(change)).applied).toBe(true);
    expect(ledger.records.get(change.key)).toEqual({ ...change.set, ...change.add });
  });
});

describe("a small batch", () => {
  const ONE = { ...NO_TOTALS, succeeded: 10, ms: 400 };

  test("has its history in its leaf: it costs no write of its own", async () => {
    const { clock, settleChunks, history, written } = await begun({ chunks: 3 });
    clock.advance(400);
    await settleChunks(0, 1, ONE);
    clock.advance(2000);
    await settleChunks(1, 2, { ...ONE, succeeded: 18, failed: 2 });
    clock.advance(1000);
    const seen = await history({ chunks: 3, succeeded: 28, failed: 2 });
    expect(seen?.points).toEqual({ done: [10, 0, 20, 0], failed: [0, 0, 2, 0], inFlight: [0.4, 0, 0.4, 0] });
    expect(written()).toEqual([]);
  });

  test("a redrive has a history of its own, which counts what runs again", async () => {
    const { ledger, clock, ports, history, settleChunks } = await begun({ chunks: 1 });
    await settleChunks(0, 1, { ...ONE, succeeded: 3, failed: 7 });
    clock.advance(50_000);
    const totals = { ...NO_TOTALS, chunks: 1, succeeded: 3, failed: 7 };
    const redriven = { generation: 1, redrivenAt: clock.now(), totals };
    const [fields = null] = await ledger.read([`batch/${BATCH}`]);
    ledger.records.set(`batch/${BATCH}`, { ...fields, ...redriven });
    clock.advance(2000);
    const again = { ...NO_TOTALS, chunks: 0, succeeded: 7, failed: -7, ms: 10 };
    await ports.ledger.update(settle({ ...NODE, generation: 1, index: 0 }, [0], "x", again));
    const seen = await history({ chunks: 1, succeeded: 10, failed: 0 });
    expect(seen).toMatchObject({ now: 2000, points: { done: [0, 7], failed: [0, 0] } });
  });
});

describe("the times of items", () => {
  const done = (succeeded: number, ms: number) => [
    { child: 0, totals: { ...NO_TOTALS, chunks: 1, succeeded, ms } },
  ];

  test("that were not awaited count with the mean of their chunk; others one by one", async () => {
    const { ports, settleChunks, history } = await begun({ chunks: 2 });
    const of = { batch: BATCH, generation: 0 };
    ports.times.note(of, { done: done(10, 1000) });
    await settleChunks(0, 1);
    expect((await history())?.latency).toMatchObject({ of: "chunk", count: 10 });
    ports.times.note(of, { done: done(30, 1), latency: { counts: [80, 30], max: 1100 } });
    await settleChunks(1, 1);
    expect((await history())?.latency).toMatchObject({ of: "item", count: 40 });
  });

  test("of a settle that was refused are written with the next one", async () => {
    const { ports, settleChunks, history } = await begun({ chunks: 2 });
    await settleChunks(0, 1);
    ports.times.note({ batch: BATCH, generation: 0 }, { done: done(10, 1000) });
    expect((await settleChunks(0, 1)).applied).toBe(false);
    expect((await history())?.latency).toBeNull();
    await settleChunks(1, 1);
    expect((await history())?.latency?.count).toBe(10);
  });

  test("are told by a runner, also of chunks that it hands over before the end", async () => {
    const { ports, settleChunks, history } = await begun({ chunks: 3 });
    const part: ChunksReply = { body: null, done: done(5, 10) };
    const runner = {
      chunks: async (_, events) => {
        events?.onPart?.(part);
        return { body: null, done: done(7, 10) };
      },
    } as Partial<Runner> as Runner;
    const request = {
      spec: { batch: BATCH },
      chunks: [{ generation: 0 }],
    } as unknown as ChunksRequest;
    const handed: ChunksReply[] = [];
    const timed = timedRunner(runner, ports.times);
    await timed.chunks(request, { onPart: (one) => handed.push(one) });
    expect(handed).toEqual([part]);
    await timed.chunks(request);
    await settleChunks(0, 1);
    expect((await history())?.latency?.count).toBe(5 + 7 + 7);
  });
});
