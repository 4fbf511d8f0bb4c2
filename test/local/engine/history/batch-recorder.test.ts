/** What a recorder counts and measures, and how it goes on with what an earlier process has recorded. */
import { expect, test } from "vitest";
import type { Digest } from "../../../../src/core/failures/failure-digest.ts";
import { FailureDigest } from "../../../../src/core/failures/failure-digest.ts";
import type { Totals } from "../../../../src/core/records/totals.ts";
import { failedAt } from "../../../core/failures/failed-lines.ts";
import { START, begun, chunk, marksOf, recording, totals } from "./recording.ts";

const all = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);

test("totals that count are in the counts, and in the points of their time", () => {
  const recorder = recording();
  recorder.count(totals({ chunks: 2, succeeded: 5, failed: 1 }), START + 10);
  recorder.count(totals({ chunks: 1, succeeded: 4 }), START + 260);
  // A redrive takes back what failed before.
  recorder.count(totals({ chunks: -1, succeeded: 3, failed: -3 }), START + 270);
  const { counts, points, interval, now, start, allowed } = recorder.history(START + 300.4);
  expect([counts.settled, points.done, points.failed]).toEqual([3, [6, 7], [1, 0]]);
  expect({ interval, now, start, allowed }).toEqual({ interval: 250, now: 300, start: START, allowed: 2 });
  // A clock may go back.
  expect(recorder.history(START - 50).now).toBe(0);
});

test("how fast units are done is seen over the last minute", () => {
  const recorder = recording();
  expect(recorder.unitsPerSecond(START + 1000)).toBeNull();
  recorder.count(totals({ units: 500 }), START + 500);
  recorder.count(totals({ units: 1500 }), START + 1200);
  expect(recorder.unitsPerSecond(START + 2000)).toBe(1000);
  expect(recorder.unitsPerSecond(START + 100_000)).toBeNull();
});

test("items in flight are those of the threads that are at work on the batch", () => {
  const recorder = recording();
  begun(recorder, [chunk(0)]);
  begun(recorder, [chunk(1)]);
  begun(recorder, [chunk(2)], { lane: "thread 3" });
  begun(recorder, [chunk(3)], { lane: null });
  const items: Record<string, number> = { "thread 1": 4, "thread 2": 64, "thread 3": 3 };
  recorder.observe((lane) => items[lane] ?? 0, START + 100);
  recorder.observe(() => 1, START + 300);
  expect(recorder.history(START + 400).points.inFlight).toEqual([7, 2]);
});

test("items that did not wait count with the mean of their chunk", () => {
  const recorder = recording();
  const bundle = begun(recorder, [chunk(0), chunk(1)]);
  const done = [
    { child: 0, totals: totals({ succeeded: 3, failed: 1, ms: 40 }) },
    // One that was given up as a whole has no items.
    { child: 1, totals: totals({ succeeded: 0, broken: 1, ms: 500 }) },
  ];
  expect(recorder.history(START).latency).toBeNull();
  recorder.settle(bundle, { body: null, done }, 1100);
  expect(recorder.history(1100).latency).toMatchObject({ of: "chunk", count: 4, max: 10 });
});

/** The kind of latency of a batch with `timed` items of 8 ms, and others of 2 ms. */
function latency(timed: number, others: number, overlaps = false): unknown {
  const recorder = recording({ overlaps });
  const done = [{ child: 0, totals: totals({ succeeded: others, ms: 2 * others }) }];
  if (others > 0) recorder.settle(begun(recorder, [chunk(0)]), { body: null, done }, 1100);
  const reply = { body: null, done: [{ child: 1, totals: totals({ succeeded: timed, ms: 900 }) }] };
  if (timed > 0)
    recorder.settle(
      begun(recorder, [chunk(1)]),
      { ...reply, latency: { counts: [52, timed], max: 8 } },
      1100,
    );
  const { of, count, max } = recorder.history(1100).latency ?? {};
  return { of, count, max };
}

test("items that were awaited are measured one by one, and say so where they are half of all", () => {
  expect(latency(3, 0)).toEqual({ of: "item", count: 3, max: 8 });
  expect(latency(2, 2)).toEqual({ of: "item", count: 4, max: 8 });
  expect(latency(2, 3)).toEqual({ of: "chunk", count: 5, max: 8 });
  // Where chunks share their threads, the mean of a chunk says nothing of an item.
  expect(latency(2, 3, true)).toEqual({ of: "item", count: 5, max: 8 });
  expect(latency(0, 3, true)).toEqual({ of: "chunk", count: 3, max: 2 });
});

test("failed items are grouped, and counted also where they are of too many kinds", () => {
  const digest = new FailureDigest();
  for (const index of [1, 2]) digest.add(failedAt(index, "no"));
  const { entries = [] } = digest.take() ?? {};
  const failures: Digest[] = [
    { entries, others: 3 },
    { entries: [], others: 4 },
  ];
  const recorder = recording();
  recorder.settle(begun(recorder, [chunk(0)]), { body: null, done: [], failures }, START + 250);
  expect(recorder.failures()).toMatchObject({
    of: 9,
    groups: [{ count: 2, message: "no", latestAt: new Date(START + 250).toISOString() }],
  });
});

test("chunks that were settled before the end and counted after it are in the history", () => {
  const settled = totals({ chunks: 3, succeeded: 5, failed: 1, units: 600 });
  const whole = totals({ chunks: 4, succeeded: 7, failed: 3, units: 900 });
  const ended = (of: Totals | null, earlier: boolean): readonly unknown[] => {
    const recorder = recording();
    if (earlier) recorder.restore(recorder.history(0));
    recorder.count(settled, START + 10);
    recorder.close(START + 1000, of);
    const { counts, points } = recorder.history(START + 9000);
    return [counts.settled, all(points.done), all(points.failed), recorder.unitsPerSecond(START + 1000)];
  };
  expect(ended(whole, false)).toEqual([4, 10, 3, 900]);
  expect(ended(settled, false)).toEqual([3, 6, 1, 600]);
  expect(ended(null, false)).toEqual([3, 6, 1, 600]);
  // Somebody else's chunks are in neither.
  expect(ended(totals({ chunks: 0, succeeded: 0, units: 0 }), false)).toEqual([3, 6, 1, 600]);
  // An earlier process may have counted what this one does not know.
  expect(ended(whole, true)).toEqual([3, 6, 1, 600]);
});

test("after the end time stands still, and nothing runs", () => {
  const recorder = recording();
  begun(recorder, [chunk(0)]);
  recorder.close(START + 40, null);
  expect(recorder.history(START + 9000)).toMatchObject({ now: 40, counts: { running: 0 } });
  expect(marksOf(recorder)).toEqual([]);
});

test("a recorder goes on where an earlier process left off", () => {
  const earlier = recording();
  const bundle = begun(earlier, [chunk(0), chunk(1)]);
  earlier.settle(
    bundle,
    { body: null, done: [{ child: 0, totals: totals() }], latency: { counts: [52, 10], max: 8 } },
    START + 20,
  );
  earlier.count(totals(), START + 20);
  const kept = earlier.history(START + 30);
  const next = recording();
  next.restore(kept);
  const { counts, points, latency: measured, timeline } = next.history(START + 30);
  expect(counts).toEqual({ ...kept.counts, running: 0 });
  expect(points.done).toEqual([1]);
  expect(measured).toMatchObject({ of: "item", count: 10 });
  // What ran there runs no more.
  expect(timeline).toMatchObject({ marks: [{ 3: "succeeded" }] });
  const done = [{ child: 1, totals: totals({ succeeded: 11, ms: 22 }) }];
  next.settle(begun(next, [chunk(1)]), { body: null, done }, START + 60);
  expect(next.history(START + 60).latency).toMatchObject({ of: "chunk", count: 21 });
});

test("means of chunks that an earlier process has measured are no times of items", () => {
  const earlier = recording();
  const done = [{ child: 0, totals: totals({ succeeded: 10, ms: 20 }) }];
  earlier.settle(begun(earlier, [chunk(0)]), { body: null, done }, START + 20);
  const next = recording();
  next.restore(earlier.history(START + 30));
  expect(next.history(START + 30).latency).toMatchObject({ of: "chunk", count: 10 });
  const nothing = recording();
  nothing.restore({ ...recording().history(START), timeline: null });
  expect(nothing.history(START)).toMatchObject({ latency: null, timeline: { marks: [] } });
});
