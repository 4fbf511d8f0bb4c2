/** What the page says of a batch: counts, time left, strips, figures, details. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { BatchState } from "../../../src/core/records/batch/batch.ts";
import { BATCH_STATES } from "../../../src/core/records/batch/batch.ts";
import { codesThatMayPass, verbsOf } from "../../../src/page/batch/actions.ts";
import { detailRows } from "../../../src/page/batch/details-rows.ts";
import {
  figuresSentence,
  inFlightText,
  latencyWords,
  rateFigures,
  smoothed,
} from "../../../src/page/batch/figures/figures-words.ts";
import { keptOrder } from "../../../src/page/batch/failed/kept-order.ts";
import {
  accounting,
  barShares,
  chunkWords,
  endedChunkWords,
  leftWords,
  percentDone,
  readWords,
  waitingWords,
} from "../../../src/page/batch/figures/progress-words.ts";
import { errorWords, stripWords } from "../../../src/page/batch/strip-words.ts";
import { groupedText } from "../../../src/page/words/failures.ts";
import { wordsOf } from "../../../src/page/words/states.ts";
import { LATENCY, threadHistory } from "../fixture/histories.ts";
import {
  batchId,
  endedSnapshot,
  failedSnapshot,
  hugeSnapshot,
  runningSnapshot,
  view,
} from "../fixture/snapshots.ts";

const NOW = Date.UTC(2026, 10, 29, 11, 33, 10);
const LOOK = { zone: "utc", now: NOW, report: true, narrow: false } as const;
const { summary: running } = runningSnapshot(batchId(1), NOW);
const { summary: huge } = hugeSnapshot(batchId(1), NOW);

test("time left is one moment, or a range where the rates differ", () => {
  expect(leftWords(running, NOW, "utc")).toEqual({ left: "about 34 s left", ends: "ends near 11:33:44" });
  expect(leftWords(huge, NOW, "utc")).toEqual({
    left: "about 25 min left",
    ends: "ends between 11:54 and 12:02",
  });
  const { progress } = running;
  if (!progress) throw new Error("it runs");
  expect(
    leftWords({ state: "running", progress: { ...progress, secondsLeft: null } }, NOW, "utc")?.left,
  ).toBe("working out how long");
  expect(
    leftWords({ state: "running", progress: { ...progress, secondsLeft: null, of: null } }, NOW, "utc"),
  ).toBeNull();
  expect(leftWords({ state: "paused", progress }, NOW, "utc")).toBeNull();
});

test("the input that is read, its chunks and its cost", () => {
  expect([percentDone(running), readWords(running), chunkWords(running)]).toEqual([
    65,
    "252 of 389 kB read",
    "646 chunks settled, 712 planned so far",
  ]);
  expect([readWords(huge), chunkWords(huge)]).toEqual([
    "1.1 of 1.9 TB read · $18.40 so far, about $32 in all",
    "580,561 of 1,000,000 chunks settled",
  ]);
  expect([
    waitingWords({ waiting: 4173 }),
    waitingWords({ waiting: 4173, exact: true }),
    waitingWords({}),
  ]).toEqual(["≈ 4,170", "4,173", null]);
  expect(endedChunkWords(view({ batch: "x", state: "succeeded" }))).toBe("1,107 chunks, all settled");
});

test("the bar of a running batch is as long as its per cent", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 999 }),
      fc.integer({ min: 1, max: 1000 }),
      fc.nat(1000),
      fc.nat(64),
      (units, succeeded, failed, inFlight) => {
        const shares = barShares(
          view({
            batch: "x",
            state: "running",
            items: { total: null, succeeded, failed, skipped: 0 },
            progress: { units, of: 1000, failedBefore: null, inFlight },
          }),
        );
        const whole = shares.succeeded + shares.failed + shares.inFlight + shares.waiting;
        expect((succeeded + failed) / whole).toBeCloseTo(units / 1000, 5);
      },
    ),
  );
});

test("only counts that add up are called whole", () => {
  expect(accounting({ total: 10, succeeded: 7, failed: 2, skipped: 1 })).toBe("whole");
  expect(accounting({ total: 11, succeeded: 7, failed: 2, skipped: 1 })).toBe("wrong");
  expect(accounting({ total: null, succeeded: 7, failed: 2, skipped: null })).toBe("not-known");
});

test("each state has a word and a tone, and a state of a newer fanjoin is shown as it is", () => {
  expect(new Set(BATCH_STATES.map((state) => wordsOf(state).word)).size).toBe(BATCH_STATES.length);
  expect(wordsOf("dreaming" as BatchState)).toEqual({ word: "dreaming", tone: "quiet", mark: "" });
});

test("strips say what happened, what is there and what to do", () => {
  const texts = (snapshot: Parameters<typeof stripWords>[0]): readonly string[] =>
    stripWords(snapshot, null).map(({ text }) => text);
  expect(texts(failedSnapshot(batchId(1), NOW).summary)).toEqual([
    "More items failed than the job tolerates: 1,000 of 3,120. [TOO_MANY_FAILURES] The result holds what was done.",
  ]);
  expect(texts(running)).toEqual([]);
  const cancelled = view({
    batch: "x",
    state: "cancelled",
    items: { total: 1000, succeeded: 741, failed: 0, skipped: 259 },
  });
  expect(texts(cancelled)).toEqual([
    "Cancelled. The result holds the 741 items that succeeded; 259 were skipped.",
  ]);
  expect(stripWords({ ...running, state: "interrupted" }, null)[0]?.command).toBe(
    `fanjoin resume ${batchId(1).slice(0, 8)}`,
  );
  expect(texts(view({ batch: "x", state: "succeeded", damaged: 1 }))[0]).toMatch(
    /^1 input turned out damaged/,
  );
  expect(errorWords({ code: "INTERNAL", message: "it broke!" })).toBe("It broke! [INTERNAL]");
});

test("verbs are those that the state allows", () => {
  const verbs = BATCH_STATES.map((state) => verbsOf({ ...running, state }).join());
  expect(verbs).toEqual([
    "pause,cancel",
    "pause,cancel",
    "resume,cancel",
    "resume",
    "",
    "redrive",
    "redrive",
    "redrive",
    "redrive",
  ]);
  expect(verbsOf(view({ batch: "x", state: "succeeded" }))).toEqual([]);
});

test("items whose file has to change are not offered for another try", () => {
  expect(codesThatMayPass(endedSnapshot(batchId(1), NOW).failures.groups)).toEqual([
    "ITEM_FAILED",
    "ITEM_TIMEOUT",
  ]);
});

test("the rate of now leaves out an interval that has just begun", () => {
  const history = {
    ...threadHistory(0, 10_000, false),
    interval: 1000,
    now: 4100,
    points: { done: [100, 100, 100, 100, 1], failed: [], inFlight: [] },
  };
  expect(rateFigures(history, false)).toEqual({
    values: [100, 100, 100, 100],
    now: 100,
    average: (401 / 4100) * 1000,
    most: 100,
  });
  expect(figuresSentence({ ...history, latency: LATENCY }, false)).toBe(
    "100 items per second, 374 ms for one",
  );
});

test("items that no look has found in flight were fewer than one at a time, if there were some", () => {
  expect([inFlightText(null, true), inFlightText(0, true), inFlightText(0, false)]).toEqual([
    "not known",
    "< 1",
    "0",
  ]);
  expect(inFlightText(1200, true)).toBe("1,200");
});

test("more points than a line shows become means", () => {
  const { values, together } = smoothed(Array.from({ length: 300 }, (_, at) => at));
  expect([values.length, together, values[0]]).toEqual([100, 3, 1]);
  expect(smoothed([1, null])).toEqual({ values: [1, null], together: 1 });
});

test("an order that is being read is kept, and new ones come after it", () => {
  expect(keptOrder(["c", "a", "b"], ["a", "b", "x"], (one) => one)).toEqual(["a", "b", "c"]);
  expect(keptOrder(["c", "a"], [], (one) => one)).toEqual(["c", "a"]);
});

test("details leave out what nothing is known of", () => {
  const rows = new Map(
    detailRows(running, threadHistory(0, 1000, true), LOOK).map(({ name, value }) => [name, value]),
  );
  expect(rows.get("Input")).toBe("suppliers-q4.csv, 389 kB");
  expect(rows.get("Job")).toBe("examples/supplier-check.ts, version 7c1e90a");
  expect(rows.get("Retries")).toBe("up to 5 tries, at most 2.0 s for each");
  expect(rows.get("Deadline")).toBe("30 November 2026, 11:32:07 (24 h)");
  expect([rows.has("Limits"), rows.has("Cost")]).toEqual([false, false]);
});

test("groups say of how many failed items they are, where that is not all of them", () => {
  const { failures } = endedSnapshot(batchId(1), NOW);
  const endedGroups = failures.groups.slice(0, 2);
  const text = (of: number, failed: number, more: { working?: boolean; isRedrive?: boolean } = {}): string =>
    groupedText({ groups: of === 0 ? [] : endedGroups, of }, failed, {
      working: false,
      isRedrive: false,
      ...more,
    });
  expect(text(500, 510)).toBe("510 in 2 groups");
  expect(text(100, 510, { working: true })).toBe("510; the groups so far are of 100 of them");
  expect(text(100, 510)).toBe("510; the groups are of 100 of them");
  // Nothing is shown as if it were none.
  expect(text(0, 12, { working: true })).toBe("12, not in groups yet");
  expect(text(12, 500, { working: true, isRedrive: true })).toBe("12 failed again in 2 groups");
});

test("times of items on AWS are those of some workers, and marks are told to be missing", () => {
  const latency = LATENCY;
  const { details } = running;
  if (!details) throw new Error("the snapshot has details");
  const aws = { ...details, where: "aws" } as const;
  expect(latencyWords(latency, details)).toBe("typical, tries and waits included");
  expect(latencyWords({ ...latency, of: "chunk", count: 1200 }, aws)).toBe(
    "typical, the mean of each chunk, of 1,200 items",
  );
  const names = (where: "aws" | "machine"): string[] =>
    detailRows({ ...running, details: { ...details, where } }, null, LOOK).map(({ name }) => name);
  expect(names("aws")).toContain("Chunks by worker");
  expect(names("machine")).not.toContain("Chunks by worker");
});
