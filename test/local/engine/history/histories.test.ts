/** When histories are looked at, written and left out, in a time that the test moves. */
import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import type { BatchSpec } from "../../../../src/batch/spec.ts";
import type { BatchRecorder } from "../../../../src/local/engine/history/batch-recorder.ts";
import { Histories } from "../../../../src/local/engine/history/histories.ts";
import type { JobThreads } from "../../../../src/local/engine/running/job-threads.ts";
import { readHistory } from "../../../../src/local/directory/files/history-file.ts";
import { temporaryDirectory } from "../../../memory/directory.ts";
import { RANGE_SPEC } from "../range-spec.ts";
import { begun, chunk, timelineOf, totals } from "./recording.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] }));
afterEach(() => void vi.useRealTimers());

const BEGIN = { goesOn: false };

function keeping() {
  const directory = temporaryDirectory();
  onTestFinished(() => directory.remove());
  const warnings: unknown[] = [];
  /** Items in `process`, by thread. */
  const items = new Map<number, number>();
  const asked: unknown[] = [];
  const threads = {
    countFor: (spec: BatchSpec) => (asked.push(spec.batch), 3),
    itemsInProcess: () => items,
  } as unknown as JobThreads;
  const histories = new Histories({
    directory: directory.path(),
    threads: () => threads,
    warn: (error) => warnings.push(error),
  });
  onTestFinished(() => histories.stop());
  return {
    histories,
    items,
    asked,
    warnings,
    path: (...names: string[]) => directory.path(...names),
    written: (batch = "01A") => readHistory(directory.path(), batch),
    /** Of an engine that comes later. */
    next: () => new Histories({ directory: directory.path(), threads: () => threads, warn: () => undefined }),
  };
}

const spec = (batch = "01A", more: Partial<BatchSpec> = {}): BatchSpec => {
  return { ...RANGE_SPEC, batch, createdAt: Date.now(), ...more };
};

/** The recorder of a batch that was opened. */
function recorderOf(histories: Histories, batch = "01A"): BatchRecorder {
  const recorder = histories.find(batch);
  if (!recorder) throw new Error("the batch has no history");
  return recorder;
}

const later = (ms: number): void => void vi.advanceTimersByTime(ms);

test("items in flight are looked at four times a second, and the history is written every second", () => {
  const it = keeping();
  it.histories.open(spec(), 2, BEGIN);
  begun(recorderOf(it.histories), [chunk(0)], { lane: "thread 12", at: Date.now() });
  it.items.set(12, 5).set(2, 64);
  later(249);
  expect(it.histories.seen("01A")?.history.points.inFlight).toEqual([]);
  later(1);
  expect(it.histories.seen("01A")?.history.points.inFlight).toEqual([null, 5]);
  it.items.clear();
  later(500);
  expect(it.histories.seen("01A")?.history.points.inFlight).toEqual([null, 5, 0, 0]);
  later(249);
  expect(it.written()).toBeNull();
  later(1);
  expect(it.written()).toMatchObject({ generation: 2, history: { now: 1000 } });
  later(999);
  expect(it.written()).toMatchObject({ history: { now: 1000 } });
  later(1);
  expect(it.written()).toMatchObject({ history: { now: 2000 } });
});

test("the history of a batch that has ended is written with its totals, and nothing is written later", () => {
  const it = keeping();
  it.histories.open(spec(), 0, BEGIN);
  later(300);
  it.histories.close("01A", Date.now() - 20, totals({ chunks: 2, succeeded: 9 }));
  expect(it.written()?.history).toMatchObject({ now: 280, counts: { settled: 2 }, points: { done: [0, 9] } });
  expect([it.histories.seen("01A"), it.histories.pace("01A")]).toEqual([null, null]);
  writeFileSync(it.path("batches", "01A", "history.json"), "gone");
  later(5000);
  expect(it.written()).toBeNull();
  // Its end may be noticed twice.
  it.histories.close("01A", Date.now(), null);
  expect(it.written()).toBeNull();
});

/** Ends so many batches that took so long; returns how many of them have a history. */
function ending(
  it: ReturnType<typeof keeping>,
  count: number,
  ms: number,
  more: Partial<BatchSpec> = {},
): number {
  const names = Array.from({ length: count }, (_, number) => `01X${number}`);
  const createdAt = Date.now() - ms;
  for (const batch of names) it.histories.open(spec(batch, { createdAt, ...more }), 0, BEGIN);
  for (const batch of names) it.histories.close(batch, Date.now(), null);
  return names.filter((batch) => it.written(batch) !== null).length;
}

test("of short batches that end at once four have a history, and of longer ones all", () => {
  expect(ending(keeping(), 9, 999)).toBe(4);
  expect(ending(keeping(), 9, 1000)).toBe(9);
  // A redrive is as long as it takes itself.
  expect(ending(keeping(), 9, 60_000, { redrivenAt: Date.now() - 999 })).toBe(4);
});

test("a quarter of a second later four more short batches have one", () => {
  const it = keeping();
  expect(ending(it, 4, 10)).toBe(4);
  it.histories.open(spec(), 0, BEGIN);
  it.histories.close("01A", Date.now(), null);
  expect(it.written()).toBeNull();
  later(250);
  it.histories.open(spec(), 0, BEGIN);
  it.histories.close("01A", Date.now(), null);
  expect(it.written()).not.toBeNull();
});

test("nothing is looked at while there is no batch, and later batches are looked at again", () => {
  const it = keeping();
  it.histories.open(spec(), 0, BEGIN);
  it.histories.open(spec("01B"), 0, BEGIN);
  expect(vi.getTimerCount()).toBe(1);
  it.histories.close("01A", Date.now(), null);
  later(1000);
  expect(vi.getTimerCount()).toBe(1);
  it.histories.forget("01B");
  expect(it.histories.seen("01B")).toBeNull();
  later(1000);
  expect(vi.getTimerCount()).toBe(0);
  it.histories.open(spec("01C"), 0, BEGIN);
  later(250);
  expect(it.histories.seen("01C")?.history.points.inFlight).toEqual([null, 0]);
});

test("a stop writes the histories of all batches, and no more is looked at", () => {
  const it = keeping();
  it.histories.open(spec(), 0, BEGIN);
  it.histories.open(spec("01B"), 0, BEGIN);
  later(100);
  it.histories.stop();
  expect([it.written()?.history.now, it.written("01B")?.history.now]).toEqual([100, 100]);
  expect([vi.getTimerCount(), it.histories.find("01A")]).toEqual([0, undefined]);
});

test("a batch that is opened twice has one history, and a redrive another one", () => {
  const { histories } = keeping();
  histories.open(spec(), 0, BEGIN);
  const first = recorderOf(histories);
  histories.open(spec(), 0, { goesOn: true });
  expect(recorderOf(histories)).toBe(first);
  const createdAt = Date.now() - 60_000;
  histories.open(spec("01A", { createdAt, redrivenAt: Date.now() - 5 }), 1, BEGIN);
  expect(recorderOf(histories)).not.toBe(first);
  expect(histories.seen("01A")?.history).toMatchObject({ start: Date.now() - 5, now: 5 });
});

test("the next owner goes on with the history of the same run, and of no other", () => {
  const it = keeping();
  it.histories.open(spec(), 1, BEGIN);
  recorderOf(it.histories).count(totals({ chunks: 6 }), Date.now());
  it.histories.stop();
  const settledIn = (generation: number, goesOn: boolean): number | undefined => {
    const next = it.next();
    next.open(spec(), generation, { goesOn });
    const settled = next.seen("01A")?.history.counts.settled;
    next.forget("01A");
    return settled;
  };
  expect([settledIn(1, true), settledIn(2, true), settledIn(1, false)]).toEqual([6, 0, 0]);
});

test("the pace of a batch has its threads, and what they have and do", () => {
  const { histories, asked } = keeping();
  histories.open(spec(), 0, BEGIN);
  const recorder = recorderOf(histories);
  begun(recorder, [chunk(0, 8)], { at: Date.now() });
  expect(histories.pace("01A")).toEqual({ threads: 3, unitsInFlight: 8, unitsPerSecond: null });
  recorder.count(totals({ units: 50 }), Date.now());
  later(500);
  expect(histories.pace("01A")).toMatchObject({ unitsPerSecond: 100 });
  expect(asked).toEqual(["01A", "01A"]);
  expect(histories.pace("01B")).toBeNull();
});

test("as many items may run as all threads have room for, and chunks that share a thread have rows", () => {
  const { histories } = keeping();
  const lanesOf = (batch: string): readonly string[] => {
    const recorder = recorderOf(histories, batch);
    const bundle = begun(recorder, [chunk(0), chunk(1)], { at: Date.now() });
    const done = [0, 1].map((child) => ({ child, totals: totals(), tookMs: 50 }));
    recorder.settle(bundle, { body: null, done }, Date.now() + 100);
    return timelineOf(recorder).lanes;
  };
  for (const [batch, more, allowed, lanes] of [
    ["01A", {}, 3, ["thread 1"]],
    ["01B", { concurrency: 1 }, 3, ["thread 1"]],
    ["01C", { concurrency: 4 }, 12, ["thread 1", "thread 1, row 2"]],
  ] as const) {
    histories.open(spec(batch, more), 0, BEGIN);
    expect(histories.seen(batch)?.history.allowed).toBe(allowed);
    expect(lanesOf(batch)).toEqual(lanes);
  }
});

test("a history that cannot be written is a warning, and the others are written", () => {
  const it = keeping();
  it.histories.open(spec("01B"), 0, BEGIN);
  it.histories.close("01B", Date.now(), null);
  writeFileSync(it.path("batches", "01A"), "no folder");
  it.histories.open(spec(), 0, BEGIN);
  it.histories.close("01A", Date.now(), null);
  expect(it.warnings).toMatchObject([{ code: expect.stringMatching(/^E[A-Z]+$/) }]);
  expect(it.written("01B")).not.toBeNull();
});
