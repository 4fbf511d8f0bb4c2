import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { leafHistory } from "../../../src/core/history/leaf-history.ts";
import { addLeaf, noteSums } from "../../../src/core/history/leaf-sums.ts";
import { applyUpdate } from "../../../src/core/records/record.ts";
import type { Fields, Update } from "../../../src/core/records/record.ts";

const DAY_MS = 24 * 60 * 60_000;
const LEAF = { chunks: 100, succeeded: 990, failed: 10, ms: 100_000 };
const NOTHING = { chunks: 0, succeeded: 0, failed: 0 };

const sum = (all: readonly (number | null)[] = []): number =>
  all.reduce<number>((sofar, one) => sofar + (one ?? 0), 0);

/** Leaves that became full at these times; their chunks were settled `spanMs` / 2 before on average. */
function recorded(times: readonly number[], spanMs = 0): (Fields | null)[] {
  const records = new Map<string, Fields>();
  const add = (update: Update): void => {
    const { record } = applyUpdate(records.get(update.key) ?? null, update);
    if (record) records.set(update.key, record);
  };
  for (const elapsedMs of times) {
    const seconds = (Math.max(0, elapsedMs - spanMs / 2) / 1000) * LEAF.chunks;
    add(addLeaf({ batch: "01A", generation: 0, elapsedMs }, LEAF, { seconds, times: null }));
  }
  return [...records.values()];
}

describe("the history of whole leaves", () => {
  test("has all of them in any order, and what is settled besides, in at most 300 points", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(2 * DAY_MS), { maxLength: 100 }),
        fc.nat(99),
        fc.nat(DAY_MS),
        (times, open, spanMs) => {
          const leaves = times.length;
          const elapsedMs = Math.max(0, ...times) + 700;
          const settled = {
            chunks: 100 * leaves + open,
            succeeded: 990 * leaves + 9 * open,
            failed: 10 * leaves + open,
          };
          const history = leafHistory({ sums: recorded(times, spanMs), leaf: null }, settled, {
            start: 5,
            elapsedMs,
          });
          expect(history === null).toBe(leaves + open === 0);
          expect(sum(history?.points.done)).toBe(1000 * leaves + 10 * open);
          expect(sum(history?.points.failed)).toBe(10 * leaves + open);
          expect(history?.counts.settled ?? 0).toBe(100 * leaves + open);
          expect(history?.points.done.length ?? 0).toBeLessThanOrEqual(300);
          expect(history?.points.inFlight.length).toBe(history?.points.done.length);
          expect(Math.min(0, ...(history?.points.done ?? []))).toBe(0);
        },
      ),
    );
  });

  test("leaves that became full together at the end have worked all the time", () => {
    const sums = recorded([20_000, 20_000, 20_000], 20_000);
    const settled = { chunks: 300, succeeded: 2970, failed: 30 };
    const history = leafHistory({ sums, leaf: null }, settled, { start: 0, elapsedMs: 20_000 });
    expect(history?.interval).toBe(1000);
    expect(history?.points.done).toEqual(Array.from({ length: 20 }, () => 150));
    expect(history?.points.inFlight).toEqual(Array.from({ length: 20 }, () => 15));
  });

  test("what is settled since the last leaf goes on at its rate, or more slowly", () => {
    const sums = recorded([10_000], 10_000);
    const settled = { chunks: 130, succeeded: 1287, failed: 13 };
    const doneAt = (elapsedMs: number): readonly number[] | undefined =>
      leafHistory({ sums, leaf: null }, settled, { start: 0, elapsedMs })?.points.done;
    // A leaf of 1,000 items took ten seconds.
    expect(doneAt(13_000)).toEqual(Array.from({ length: 13 }, () => 100));
    expect(doneAt(16_000)?.slice(10)).toEqual([50, 50, 50, 50, 50, 50]);
    // Others were at work beside it.
    expect(doneAt(11_000)?.slice(7)).toEqual([100, 200, 200, 100]);
  });

  test("what is settled and not written yet is seen at once", () => {
    const settled = { chunks: 50, succeeded: 500, failed: 0 };
    const history = leafHistory({ sums: [null], leaf: null }, settled, { start: 0, elapsedMs: 9999 });
    expect(history?.points.done).toEqual(Array.from({ length: 10 }, () => 50));
    expect(history?.points.inFlight).toEqual(Array.from({ length: 10 }, () => null));
    expect(history).toMatchObject({ latency: null, timeline: null, counts: { settled: 50, running: null } });
  });

  test("a record of an older fanjoin, which says nothing of times, is still read", () => {
    const sums = [{ c0: 100, d0: 1000, f0: 10, m0: 50_000, c1: 100, d1: 1000, f1: 0, m1: 25_000 }];
    const history = leafHistory({ sums, leaf: null }, NOTHING, { start: 0, elapsedMs: 10_000 });
    expect(history?.points.done).toEqual(Array.from({ length: 10 }, () => 200));
    expect(history?.points.inFlight).toEqual([10, 10, 10, 10, 10, 5, 5, 5, 5, 5]);
    expect(history?.counts.settled).toBe(200);
    expect(history?.latency).toBeNull();
  });

  test("times of items from several functions make one histogram", () => {
    const times = { counts: [80, 90, 84, 9, 100, 1], max: 0, single: 60 };
    const { add } = addLeaf({ batch: "01A", generation: 0, elapsedMs: 0 }, LEAF, { seconds: 0, times });
    const history = leafHistory({ sums: [add, add], leaf: null }, NOTHING, { start: 0, elapsedMs: 1000 });
    expect(history?.latency).toMatchObject({ of: "item", count: 200 });
    // Bucket 80 begins at 2 ** (80 / 4 - 10) ms, and bucket 100 ends at 2 ** (101 / 4 - 10).
    expect(history?.latency?.p50).toBeGreaterThanOrEqual(1020);
    expect(history?.latency?.p50).toBeLessThan(1220);
    expect(history?.latency?.max).toBe(39_000);
    expect(sum(history?.latency?.buckets.map(([, , count]) => count))).toBe(200);
  });
});

describe("the history of a small batch", () => {
  test("is in its leaf, second by second", () => {
    let leaf: Fields | null = null;
    for (const at of [500, 1500, 1800]) {
      const add = noteSums(at, { succeeded: 10, failed: at === 1800 ? 1 : 0, ms: 800 }, null);
      leaf = applyUpdate(leaf, { key: "leaf", when: [], set: {}, add }).record;
    }
    const settled = { chunks: 3, succeeded: 30, failed: 1 };
    const history = leafHistory({ sums: [null], leaf }, settled, { start: 0, elapsedMs: 2500 });
    expect(history?.points).toEqual({ done: [10, 21, 0], failed: [0, 1, 0], inFlight: [0.8, 1.6, 0] });
    expect(history?.counts.settled).toBe(3);
  });

  test("what was settled before its plan was whole comes first", () => {
    const leaf = noteSums(3500, { succeeded: 10, failed: 0, ms: 100 }, null);
    const settled = { chunks: 4, succeeded: 40, failed: 0 };
    const history = leafHistory({ sums: [null], leaf }, settled, { start: 0, elapsedMs: 4000 });
    expect(history?.points.done).toEqual([10, 10, 10, 10]);
  });

  test("a redrive in which all items fail again has settled chunks, and no points", () => {
    const leaf = noteSums(100, { succeeded: 0, failed: 0, ms: 30 }, null);
    const again = { chunks: 1, succeeded: 0, failed: 0 };
    const history = leafHistory({ sums: [null], leaf }, again, { start: 0, elapsedMs: 900 });
    expect(history?.points.done).toEqual([0]);
    expect(history?.counts.settled).toBe(1);
    expect(leafHistory({ sums: [null], leaf: {} }, NOTHING, { start: 0, elapsedMs: 900 })).toBeNull();
  });
});
