/** How differences are applied, what is spoken, and what the connection says. */
import { expect, test } from "vitest";
import { changeBetween } from "../../../src/api/live/snapshot.ts";
import type { BatchSnapshot } from "../../../src/api/live/snapshot.ts";
import { announcement } from "../../../src/page/live/announce.ts";
import { applyChange } from "../../../src/page/live/apply-change.ts";
import { CONNECTING, connectionWords, heard, lost } from "../../../src/page/live/connection.ts";
import { batchesPath, routeOf } from "../../../src/page/live/routes.ts";
import { batchTitle, tabIcon } from "../../../src/page/live/tab.ts";
import { hugeHistory, threadHistory } from "../fixture/histories.ts";
import {
  batchId,
  endedSnapshot,
  hugeSnapshot,
  pausedSnapshot,
  runningSnapshot,
} from "../fixture/snapshots.ts";

const NOW = 1_796_000_000_000;
const running = runningSnapshot(batchId(1), NOW);

test.for<readonly [string, BatchSnapshot, BatchSnapshot]>([
  [
    "time goes on",
    running,
    { ...running, at: NOW + 9000, history: threadHistory(NOW - 63_000, 72_000, false) },
  ],
  ["it pauses", running, pausedSnapshot(batchId(1), NOW)],
  ["it ends", running, endedSnapshot(batchId(1), NOW)],
  ["it becomes coarser", running, { ...running, history: hugeHistory(NOW - 63_000, 63_000) }],
  [
    "cells grow",
    hugeSnapshot(batchId(1), NOW),
    { ...hugeSnapshot(batchId(1), NOW), history: hugeHistory(NOW - 2_040_000, 2_100_000) },
  ],
  ["a history begins", { ...running, history: null }, running],
])("differences that the server sends lead to its snapshot: %s", ([, before, after]) => {
  const change = changeBetween(before, after, { failures: true });
  if (!change) throw new Error("nothing has changed");
  const applied = applyChange(before, JSON.parse(JSON.stringify(change)) as typeof change);
  const plain = (snapshot: BatchSnapshot): unknown => {
    const { history } = JSON.parse(JSON.stringify(snapshot)) as BatchSnapshot;
    const marks = history?.timeline?.marks.toSorted((a, b) => a[4] - b[4] || a[7] - b[7] || a[0] - b[0]);
    const cells =
      history?.timeline?.form === "cells"
        ? history.timeline.cells.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])
        : [];
    return {
      ...snapshot,
      history: history && { ...history, timeline: [history.timeline?.lanes, marks, cells] },
    };
  };
  expect(plain({ ...applied, at: 0 })).toEqual(plain({ ...after, at: 0 }));
});

function at(percent: number, failed: number, when: number): BatchSnapshot {
  const { progress, items } = running.summary;
  return {
    ...running,
    at: when,
    summary: {
      ...running.summary,
      items: { ...items, failed },
      ...(progress ? { progress: { ...progress, units: percent, of: 100 } } : {}),
    },
  };
}

test("quarters are spoken, but never twice within a minute", () => {
  expect(announcement(null, at(60, 0, NOW), 0).text).toBeNull();
  const first = announcement(at(49, 0, NOW), at(51, 0, NOW), 0);
  expect(first).toEqual({ text: "50 % done", quarterAt: NOW });
  expect(announcement(at(74, 0, NOW), at(76, 0, NOW + 30_000), NOW).text).toBeNull();
  expect(announcement(at(74, 0, NOW), at(76, 0, NOW + 61_000), NOW).text).toBe("75 % done");
  expect(announcement(at(50, 0, NOW), at(52, 0, NOW + 99_000), 0).text).toBeNull();
});

test("the first failure and each change of state are spoken", () => {
  expect(announcement(at(10, 0, NOW), at(11, 3, NOW), 0).text).toBe(
    "First item failed: the service said 503 to …",
  );
  const ended = endedSnapshot(batchId(1), NOW);
  expect(announcement(running, ended, 0).text).toBe(
    "supplier-check: Completed with failures: 10,412 succeeded, 123 failed",
  );
});

test("a connection that says nothing is lost after three seconds, and silent after fifteen", () => {
  const gone = lost(heard(CONNECTING, 1000), 2000);
  expect(connectionWords(gone, 3900)).toEqual({ word: "Live", lost: false, silent: false });
  expect(connectionWords(gone, 4000)).toEqual({ word: "Reconnecting", lost: true, silent: false });
  expect(connectionWords(gone, 16_000).silent).toBe(true);
  expect(connectionWords(heard(gone, 17_000), 17_000).word).toBe("Live");
  expect(connectionWords({ ...CONNECTING, every: 2000 }, 0).word).toBe("Every 2 s");
});

test("addresses lead to views and back", () => {
  expect(routeOf({ pathname: "/", search: "?state=paused&job=a" })).toEqual({
    view: "batches",
    filters: { batch: "", job: "a", state: "paused" },
  });
  expect(routeOf({ pathname: "/jobs/a%2Fb", search: "" })).toEqual({ view: "job", job: "a/b" });
  expect(routeOf({ pathname: "/batches/01X", search: "" })).toEqual({ view: "batch", batch: "01X" });
  expect(routeOf({ pathname: "/jobs/%E0%A4%A", search: "" }).view).toBe("unknown");
  expect(batchesPath({ job: "a b", state: "" })).toBe("/?job=a+b");
});

test("the tab shows the state from afar", () => {
  expect(batchTitle(running.summary)).toBe("65 % supplier-check · fanjoin");
  expect(batchTitle(endedSnapshot(batchId(1), NOW).summary)).toBe("! supplier-check · fanjoin");
  expect(
    new Set(["ok", "bad", "warn", "busy", "quiet", null].map((tone) => tabIcon(tone as "ok" | null))).size,
  ).toBe(6);
});
