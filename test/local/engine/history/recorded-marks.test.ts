/** The marks that a recorder makes: when an attempt began and ended, where it ran, what became of it. */
import { expect, test } from "vitest";
import { HEDGED, SPLIT, TRIED_AGAIN } from "../../../../src/core/history/history.ts";
import { OWN_PROCESS } from "../../../../src/local/engine/history/batch-recorder.ts";
import { START, begun, chunk, hedge, marksOf, part, recording, timelineOf, totals } from "./recording.ts";

test("hedges and parts are counted, and their marks say what they are", () => {
  const recorder = recording();
  const bundle = begun(recorder, [chunk(1), hedge(2), part(3, 0)]);
  const done = [
    { child: 1, totals: totals() },
    { child: 2, totals: totals() },
    { child: 3, part: 0, totals: totals() },
  ];
  recorder.settle(bundle, { body: null, done }, 1010);
  expect(recorder.history(1010).counts).toMatchObject({ hedged: 1, split: 0, triedAgain: 0, running: 0 });
  expect(marksOf(recorder).map(([, , , , number, , , , flags]) => [number, flags])).toEqual([
    [1, 0],
    [2, HEDGED],
    [3, SPLIT],
  ]);
});

test("chunks that ran one after the other have the time up to now, each its own part of it", () => {
  const recorder = recording();
  const bundle = begun(recorder, [chunk(0), chunk(1)]);
  const done = [
    { child: 0, totals: totals({ ms: 30, succeeded: 4, failed: 2 }) },
    { child: 1, totals: totals({ ms: 20.4, broken: 1 }) },
  ];
  recorder.settle(bundle, { body: null, done }, 1100);
  expect(marksOf(recorder)).toEqual([
    [0, 50, 80, "failed", 0, 6, 2, 1, 0],
    [0, 80, 100, "broken", 1, 1, 0, 1, 0],
  ]);
});

test("chunks that say they took longer than there was time begin with their bundle, and end now", () => {
  const recorder = recording();
  const bundle = begun(recorder, [chunk(0), chunk(1)], { at: 1040 });
  const done = [0, 1].map((child) => ({ child, totals: totals({ ms: 300 }) }));
  recorder.settle(bundle, { body: null, done }, 1100);
  expect(marksOf(recorder).map(([, from, to]) => [from, to])).toEqual([
    [40, 100],
    [100, 100],
  ]);
});

test("chunks that shared their thread were open for as long as they say, from when they were sent", () => {
  const recorder = recording({ overlaps: true });
  const bundle = begun(recorder, [chunk(0), chunk(1)], { at: 1010 });
  const done = [
    { child: 0, totals: totals({ ms: 5 }), tookMs: 60 },
    { child: 1, totals: totals({ ms: 5 }), tookMs: 600 },
  ];
  recorder.settle(bundle, { body: null, done }, 1100);
  const { lanes, marks } = timelineOf(recorder);
  expect(marks.map(([lane, from, to]) => [lanes[lane], from, to])).toEqual([
    ["thread 1", 40, 100],
    ["thread 1, row 2", 10, 100],
  ]);
});

test("a bundle begins once the one before it in its thread has ended", () => {
  const recorder = recording();
  const [first, second] = [begun(recorder, [chunk(0)]), begun(recorder, [chunk(1)])];
  const other = begun(recorder, [chunk(2)], { lane: "thread 2" });
  recorder.settle(first, { body: null, done: [{ child: 0, totals: totals({ ms: 50 }) }] }, 1050);
  recorder.end(first, 1050, { lost: false });
  expect(marksOf(recorder, 1060)).toEqual([
    [0, 0, 50, "succeeded", 0, 1, 0, 1, 0],
    [0, 50, null, "running", 1, 0, 0, 1, 0],
    [1, 0, null, "running", 2, 0, 0, 1, 0],
  ]);
  for (const [bundle, child] of [
    [second, 1],
    [other, 2],
  ] as const)
    recorder.settle(bundle, { body: null, done: [{ child, totals: totals({ ms: 500 }) }] }, 1200);
  expect(marksOf(recorder).map(([, from, to, , number]) => [number, from, to])).toEqual([
    [0, 0, 50],
    [1, 50, 200],
    [2, 0, 200],
  ]);
});

test("of the bundles of a thread the oldest runs, with its first chunk that is not settled", () => {
  const recorder = recording();
  const first = begun(recorder, [chunk(0, 5), chunk(1, 7)]);
  begun(recorder, [chunk(2, 11)]);
  begun(recorder, [chunk(3, 13)], { lane: "thread 2" });
  begun(recorder, [chunk(4, 17)], { lane: null });
  const running = (): unknown[] => marksOf(recorder, 1100).map(([, from, , , number]) => [number, from]);
  expect(recorder.unitsInFlight()).toBe(5 + 7 + 13);
  expect(running()).toEqual([
    [0, 0],
    [3, 0],
  ]);
  recorder.settle(first, { body: null, done: [{ child: 0, totals: totals({ ms: 20 }) }] }, 1030.4);
  expect(running()).toEqual([
    [0, 10],
    [1, 30],
    [3, 0],
  ]);
  expect(recorder.history(1100).counts.running).toBe(2);
  expect(recorder.unitsInFlight()).toBe(7 + 13);
});

test("a bundle whose thread died is a lost attempt at the first of its chunks that was not settled", () => {
  const recorder = recording();
  const [bundle, alone, idle] = [
    begun(recorder, [chunk(0), chunk(1), chunk(2)]),
    begun(recorder, [chunk(3)], { lane: null, at: 1005 }),
    begun(recorder, [chunk(4)], { lane: "thread 2" }),
  ];
  recorder.settle(bundle, { body: null, done: [{ child: 0, totals: totals({ ms: 20 }) }] }, 1020);
  recorder.end(bundle, 1050, { lost: true });
  recorder.end(alone, 1060, { lost: true });
  // It was interrupted, and is not to blame.
  recorder.end(idle, 1070, { lost: false });
  const { lanes, marks } = timelineOf(recorder, 1080);
  expect(marks.map(([lane, ...mark]) => [lanes[lane], ...mark])).toEqual([
    ["thread 1", 0, 20, "succeeded", 0, 1, 0, 1, 0],
    ["thread 1", 0, 50, "lost", 1, 0, 0, 1, 0],
    [OWN_PROCESS, 5, 60, "lost", 3, 0, 0, 1, 0],
  ]);
  expect(recorder.unitsInFlight()).toBe(0);
});

test("a bundle that has nothing left when its thread dies has lost nothing", () => {
  const recorder = recording();
  const bundle = begun(recorder, [chunk(0)]);
  recorder.settle(bundle, { body: null, done: [{ child: 0, totals: totals() }] }, 1020);
  expect(recorder.history(1020).counts.running).toBe(0);
  recorder.end(bundle, 1050, { lost: true });
  expect(marksOf(recorder).map(([, , , kind]) => kind)).toEqual(["succeeded"]);
});

test("a chunk that is tried again says so, from when it runs; only an attempt that settles is counted", () => {
  const recorder = recording();
  recorder.noteAttempt(chunk(1), 2);
  recorder.noteAttempt(part(2, 4), 3);
  const bundle = begun(recorder, [chunk(1), part(2, 4), part(2, 5), chunk(0)]);
  expect(marksOf(recorder)).toEqual([[0, 0, null, "running", 1, 0, 0, 2, TRIED_AGAIN]]);
  recorder.end(bundle, 1010, { lost: true });
  expect(recorder.history(1010).counts.triedAgain).toBe(0);
  const again = begun(recorder, [chunk(1), part(2, 4), part(2, 5), chunk(0)], { at: 1010 });
  const done = [
    { child: 1, totals: totals() },
    { child: 2, part: 4, totals: totals() },
    { child: 2, part: 5, totals: totals() },
    { child: 0, totals: totals() },
  ];
  recorder.settle(again, { body: null, done }, 1020);
  expect(marksOf(recorder).map(([, , , kind, number, , , ...rest]) => [kind, number, ...rest])).toEqual([
    ["lost", 1, 2, TRIED_AGAIN],
    ["succeeded", 1, 2, TRIED_AGAIN],
    ["succeeded", 2, 3, TRIED_AGAIN | SPLIT],
    ["succeeded", 2, 1, SPLIT],
    ["succeeded", 0, 1, 0],
  ]);
  expect(recorder.history(1020).counts.triedAgain).toBe(2);
});

test("a chunk that was cut is counted, and runs no more", () => {
  const recorder = recording();
  const bundle = begun(recorder, [chunk(0, 3), part(1, 2), chunk(2, 5)]);
  const cut = { ranges: [], totals: totals() };
  recorder.settle(
    bundle,
    {
      body: null,
      done: [],
      cuts: [
        { chunk: 0, ...cut },
        { chunk: 1, part: 2, ...cut },
      ],
    },
    1010,
  );
  expect(recorder.history(1010).counts).toMatchObject({ split: 2, settled: 0 });
  expect(marksOf(recorder)).toEqual([[0, 10, null, "running", 2, 0, 0, 1, 0]]);
  expect(recorder.unitsInFlight()).toBe(5);
});

test("a merge is a mark of its own in the lane of its thread", () => {
  const recorder = recording();
  recorder.merged("thread 2", 7, START + 5, START + 9);
  const { lanes, marks } = timelineOf(recorder);
  expect([lanes, marks]).toEqual([["thread 2"], [[0, 5, 9, "merge", 7, 0, 0, 1, 0]]]);
  expect(recorder.history(START).counts.merges).toBe(1);
});

test("in a redrive, whose totals are differences, a mark has the items that ran", () => {
  const recorder = recording();
  const bundle = begun(recorder, [chunk(0)]);
  const done = [{ child: 0, totals: totals({ succeeded: 3, failed: -2 }) }];
  recorder.settle(bundle, { body: null, done }, 1010);
  expect(marksOf(recorder).map(([, , , kind, , items, failed]) => [kind, items, failed])).toEqual([
    ["succeeded", 3, 0],
  ]);
});

test("a chunk that a bundle does not have is a mark like others: nothing depends on it", () => {
  const recorder = recording();
  const bundle = begun(recorder, [chunk(0)]);
  recorder.noteAttempt(chunk(0), 2);
  for (const now of [1010, 1020])
    recorder.settle(bundle, { body: null, done: [{ child: 0, totals: totals({ ms: 5 }) }] }, now);
  expect(marksOf(recorder).map(([, , , kind, number, , , ...rest]) => [kind, number, ...rest])).toEqual([
    ["succeeded", 0, 2, TRIED_AGAIN],
    ["succeeded", 0, 1, 0],
  ]);
});
