import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { historyChange } from "../../../src/core/history/difference.ts";
import type { TimelineChange } from "../../../src/core/history/difference.ts";
import { keyOfMark } from "../../../src/core/history/history.ts";
import type { BatchHistory, Mark, Timeline } from "../../../src/core/history/history.ts";
import { LatencySketch } from "../../../src/core/history/latency.ts";
import { Series } from "../../../src/core/history/series.ts";
import { parseHistory } from "../../../src/core/history/stored-history.ts";
import { sum, timelineOf, many } from "./timelines.ts";

describe("the series of a batch", () => {
  test("has at most 300 points, and loses no item however long the batch runs", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(100_000_000), fc.nat(50), fc.nat(9)), { maxLength: 200 }),
        (settled) => {
          const series = new Series();
          for (const [at, done, failed] of settled) series.settle(at, { done, failed, units: done });
          const points = series.points();
          expect(points.done.length).toBeLessThanOrEqual(300);
          expect(sum(points.done)).toBe(sum(settled.map(([, done]) => done)));
          expect(sum(points.failed)).toBe(sum(settled.map(([, , failed]) => failed)));
        },
      ),
    );
  });

  test("has the mean of what was in flight; not known where nobody looked", () => {
    const series = new Series();
    series.observe(0, 4);
    series.observe(100, 8);
    series.settle(700, { done: 1, failed: 0, units: 1 });
    expect(series.points().inFlight).toEqual([6, null, null]);
  });

  test("tells the rate of the last minute", () => {
    const series = new Series();
    for (let second = 0; second < 200; second++)
      series.settle(second * 1000, { done: 1, failed: 0, units: second < 100 ? 10 : 1000 });
    expect(series.unitsPerSecond(200_000, 60_000)).toBeCloseTo(1000, -2);
    expect(new Series().unitsPerSecond(1000, 60_000)).toBeNull();
  });

  test("goes on after a restart", () => {
    const before = new Series();
    before.settle(90_000, { done: 7, failed: 2, units: 1 });
    const after = new Series();
    after.restore(before.interval, before.points());
    expect(after.interval).toBe(before.interval);
    expect(after.points()).toEqual(before.points());
  });
});

describe("the times of items", () => {
  test("have percentiles within a fifth of the true ones", () => {
    const sketch = new LatencySketch();
    for (let ms = 1; ms <= 1000; ms++) sketch.add(ms);
    const { p50 = 0, p90 = 0, p99 = 0, max, count } = sketch.latency("item") ?? {};
    expect([count, max]).toEqual([1000, 1000]);
    for (const [found, wanted] of [
      [p50, 500],
      [p90, 900],
      [p99, 990],
    ] as const)
      expect(Math.abs(found - wanted) / wanted).toBeLessThan(0.1);
  });

  test("add up in any order, and show at most 64 buckets", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 300 }),
        (all) => {
          const whole = new LatencySketch();
          for (const ms of all) whole.add(ms);
          const parts = new LatencySketch();
          for (const half of [all.slice(all.length / 2), all.slice(0, all.length / 2)]) {
            const part = new LatencySketch();
            for (const ms of half) part.add(ms);
            const taken = part.take();
            if (taken) parts.absorb(taken);
          }
          const latency = whole.latency("item");
          expect(parts.latency("item")).toEqual(latency);
          expect(latency?.buckets.length).toBeLessThanOrEqual(64);
          expect(sum(latency?.buckets.map(([, , count]) => count) ?? [])).toBe(all.length);
        },
      ),
    );
  });

  test("keep the longest time over a restart", () => {
    const before = new LatencySketch();
    for (const ms of [5, 8]) before.add(ms);
    const latency = before.latency("item");
    const after = new LatencySketch();
    if (latency) after.restore(latency);
    expect(after.latency("item")).toMatchObject({ count: 2, max: 8 });
    after.restore({ buckets: [], max: 3 });
    expect(after.latency("item")).toMatchObject({ max: 8 });
  });

  test("of nothing are not known", () => {
    expect(new LatencySketch().latency("item")).toBeNull();
    expect(new LatencySketch().take()).toBeNull();
  });
});

function historyOf(marks: readonly Mark[], now: number, done: readonly number[]): BatchHistory {
  return {
    start: 1_000,
    now,
    interval: 250,
    points: { done, failed: done.map(() => 0), inFlight: done.map(() => null) },
    allowed: 8,
    latency: null,
    counts: { settled: marks.length, running: 0, triedAgain: 0, hedged: 0, split: 0, merges: 0 },
    timeline: timelineOf(marks),
  };
}

type Points = BatchHistory["points"];

function appliedPoints(before: Points, change: ({ readonly from: number } & Points) | undefined): Points {
  if (!change) return before;
  const joined = <T>(old: readonly T[], current: readonly T[]): T[] => [
    ...old.slice(0, change.from),
    ...current,
  ];
  return {
    done: joined(before.done, change.done),
    failed: joined(before.failed, change.failed),
    inFlight: joined(before.inFlight, change.inFlight),
  };
}

function appliedTimeline(before: Timeline, change: TimelineChange | undefined): Timeline {
  const marks = new Map(before.marks.map((one) => [keyOfMark(one), one]));
  for (const key of change?.gone ?? []) marks.delete(key);
  for (const one of change?.marks ?? []) marks.set(keyOfMark(one), one);
  const drawn = { lanes: change?.lanes ?? before.lanes, marks: [...marks.values()] };
  if (before.form === "exact") return { ...before, ...drawn };
  const cells = new Map(before.cells.map((one) => [one[0] * 40 + one[1], one]));
  for (const one of change?.cells ?? []) cells.set(one[0] * 40 + one[1], one);
  const sorted = [...cells.values()].toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
  return { ...before, ...drawn, cells: sorted };
}

/** What a page does with a change. */
function applied(before: BatchHistory, after: BatchHistory): BatchHistory {
  const change = historyChange(before, after);
  if (!change) return before;
  if (change.whole) return change.whole;
  const { points, timeline, ...rest } = change;
  return {
    ...before,
    ...rest,
    points: appliedPoints(before.points, points),
    timeline: before.timeline && appliedTimeline(before.timeline, timeline),
  };
}

describe("a difference of two histories", () => {
  test.each([
    [10, 40],
    [1500, 1700],
    [3000, 3040],
    [3000, 3000],
  ])("leads from %i chunks to %i", (before, after) => {
    const marks = many(after, 8);
    const old = historyOf(marks.slice(0, before), before, [1, 2]);
    const current = historyOf(marks, after, [1, 3, 4]);
    const sorted = (history: BatchHistory) => ({
      ...history,
      timeline: { ...history.timeline, marks: history.timeline?.marks.toSorted((a, b) => a[4] - b[4]) },
    });
    expect(sorted(applied(old, current))).toEqual(sorted(current));
  });

  test("is nothing if nothing has changed", () => {
    const history = historyOf(many(20, 4), 20, [1]);
    expect(historyChange(history, structuredClone(history))).toBeNull();
  });

  test("has only what is new", () => {
    const marks = many(50, 8);
    const change = historyChange(historyOf(marks.slice(0, 49), 1, [1, 2]), historyOf(marks, 1, [1, 3]));
    expect(change).toEqual({
      points: { from: 1, done: [3], failed: [0], inFlight: [null] },
      counts: expect.objectContaining({ settled: 50 }) as object,
      timeline: { marks: [marks[49]] },
    });
  });
});

describe("a stored history", () => {
  const history = historyOf(many(30, 4), 10, [1, 2]);
  const stored = { format: 1, generation: 0, history, failures: { groups: [], others: 0, of: 0 } };

  test("is read as it was written", () => {
    expect(parseHistory(JSON.stringify(stored))).toEqual(stored);
  });

  test.each([
    ["text that is not JSON", "{"],
    ["another format", JSON.stringify({ ...stored, format: 2 })],
    [
      "a mark of another form",
      JSON.stringify({
        ...stored,
        history: { ...history, timeline: { form: "exact", lanes: [], marks: [[1]] } },
      }),
    ],
    ["no points", JSON.stringify({ ...stored, history: { ...history, points: {} } })],
  ])("is not read from %s", (_, text) => {
    expect(parseHistory(text)).toBeNull();
  });
});
