/** The rows of the list. */
import { expect, test } from "vitest";
import type { BatchSummary } from "../../../src/batch/summary/summary.ts";
import {
  boundedRows,
  mergedBatches,
  outcomeWords,
  rowGroups,
  startedWords,
  timeWords,
} from "../../../src/page/batches/batch-rows.ts";
import { batchId, runningSnapshot, view } from "../fixture/snapshots.ts";

const NOW = Date.UTC(2026, 10, 29, 11, 33, 10);
const { summary: running } = runningSnapshot(batchId(9), NOW);

test("what works stands first, the rest by day, newest first", () => {
  const rows = [
    view({ batch: batchId(3), state: "succeeded", createdAt: "2026-11-28T10:00:00.000Z" }),
    view({ batch: batchId(1), state: "interrupted" }),
    running,
    view({ batch: batchId(2), state: "failed" }),
  ];
  const groups = rowGroups(rows, NOW, "utc").map(({ name, batches }) => [
    name,
    batches.map(({ batch }) => batch),
  ]);
  expect(groups).toEqual([
    ["Working now", [batchId(9)]],
    ["Today", [batchId(1), batchId(2)]],
    ["Yesterday", [batchId(3)]],
  ]);
});

test("a row says what came of its batch", () => {
  const cancelled = view({
    batch: "x",
    state: "cancelled",
    items: { total: 1000, succeeded: 741, failed: 0, skipped: 259 },
  });
  expect(outcomeWords(cancelled)).toBe("259 skipped");
  expect(
    outcomeWords(view({ batch: "x", state: "failed", error: { code: "TOO_MANY_FAILURES", message: "" } })),
  ).toBe("TOO_MANY_FAILURES");
  expect(outcomeWords({ ...running, state: "interrupted" })).toBe("nobody works on it");
  expect([timeWords(running), timeWords(cancelled), timeWords({ ...running, state: "paused" })]).toEqual([
    "34 s left",
    "1 min 28 s",
    "paused",
  ]);
  expect([startedWords(running, NOW, "utc"), startedWords(cancelled, NOW, "utc")]).toEqual([
    "1 min ago",
    "11:32",
  ]);
});

test("a newer answer replaces an older one of the same batch", () => {
  const ended = { ...running, state: "succeeded" as const };
  expect(mergedBatches([running], [ended])).toEqual([ended]);
});

test("rows are bounded, whatever their states; of those that do not work the ones give way that are not read", () => {
  const rows = (states: readonly BatchSummary["state"][]): BatchSummary[] =>
    states.map((state, at) => view({ batch: `0${at}`, state }));
  const shown = (batches: readonly BatchSummary[], leave: "newest" | "oldest"): string[] =>
    boundedRows(batches, 3, leave).map(({ batch }) => batch);
  const some = rows(["running", "failed", "interrupted", "succeeded", "paused"]);
  expect(shown(some, "oldest")).toEqual(["04", "00", "03"]);
  expect(shown(some, "newest")).toEqual(["04", "00", "01"]);
  const all = rows(["running", "paused", "running", "planning", "succeeded"]);
  expect(shown(all, "oldest")).toEqual(["04", "03", "02"]);
  expect(shown(all, "newest")).toEqual(["02", "01", "00"]);
  const stopped = rows(Array.from({ length: 9 }, () => "interrupted" as const));
  expect(shown(stopped, "oldest")).toEqual(["08", "07", "06"]);
  expect(boundedRows(some, 5, "oldest")).toBe(some);
});
