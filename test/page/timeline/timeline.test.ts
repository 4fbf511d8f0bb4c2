/** The timeline of chunks: where marks stand, what is added up, what is said. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Cell, ExactTimeline, Mark, Timeline } from "../../../src/core/history/history.ts";
import { tableMarks } from "../../../src/page/timeline/chunk-table.ts";
import { NARROW, bounded } from "../../../src/page/timeline/coarser.ts";
import { hit, place, timelineSize } from "../../../src/page/timeline/layout.ts";
import { legendOf } from "../../../src/page/timeline/legend.ts";
import { withLanesInOrder } from "../../../src/page/timeline/ordered-lanes.ts";
import { rangeName } from "../../../src/page/timeline/range-name.ts";
import { cellTip, markTip, subtitleOf } from "../../../src/page/timeline/words.ts";
import { hugeHistory, threadHistory } from "../fixture/histories.ts";

const NOW = 60_000;

const mark = fc
  .record({
    lane: fc.nat(39),
    from: fc.nat(NOW - 1),
    long: fc.nat(20_000),
    items: fc.nat(50),
    failed: fc.nat(3),
    chunk: fc.nat(),
  })
  .map(({ lane, from, long, items, failed, chunk }): Mark => {
    return [
      lane,
      from,
      Math.min(NOW, from + long + 1),
      failed > 0 ? "failed" : "succeeded",
      chunk,
      items,
      failed,
      1,
      0,
    ];
  });

function exact(marks: readonly Mark[]): ExactTimeline {
  return { form: "exact", lanes: Array.from({ length: 40 }, (_, at) => `thread ${at + 1}`), marks };
}

function sums(cells: readonly Cell[]): readonly number[] {
  return [2, 3, 4, 5].map((at) => cells.reduce((sum, cell) => sum + Number(cell[at]), 0));
}

test("a narrow screen has few lanes, and nothing is left out of them", () => {
  fc.assert(
    fc.property(fc.array(mark, { minLength: 1, maxLength: 80 }), (marks) => {
      const narrow = bounded(exact(marks), NOW, NARROW);
      if (narrow.form !== "cells") throw new Error("40 lanes do not fit");
      expect(narrow.lanes.length).toBeLessThanOrEqual(NARROW.lanes);
      const total = (value: (one: Mark) => number): number => marks.reduce((sum, one) => sum + value(one), 0);
      expect(sums(narrow.cells)).toEqual([
        marks.length,
        total(([, from, to]) => (to ?? NOW) - from),
        total((one) => one[5]),
        total((one) => one[6]),
      ]);
    }),
  );
});

test("the order in which marks came makes no difference to their cells", () => {
  fc.assert(
    fc.property(fc.array(mark, { maxLength: 40 }), (marks) => {
      const sorted = (timeline: Timeline): unknown =>
        timeline.form === "cells" ? timeline.cells.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]) : [];
      expect(sorted(bounded(exact(marks.toReversed()), NOW, NARROW))).toEqual(
        sorted(bounded(exact(marks), NOW, NARROW)),
      );
    }),
  );
});

test("marks stay within the drawing, and each is found where it is drawn", () => {
  const history = threadHistory(0, NOW, false);
  if (!history.timeline) throw new Error("no timeline");
  const placed = place(
    history.timeline,
    { now: NOW, end: 90_000 },
    timelineSize(history.timeline, 1118, false),
  );
  for (const one of placed.marks) {
    expect(one.x).toBeGreaterThanOrEqual(68);
    expect(one.x + one.width).toBeLessThanOrEqual(1119);
  }
  const wide = placed.marks.find(({ width, drawn }) => width > 12 && drawn === "settled");
  expect(hit(placed, (wide?.x ?? 0) + 6, (wide?.y ?? 0) + 3)).toBe(wide);
  expect(hit(placed, 1117, 3)).toBeNull();
});

test("running chunks reach up to now", () => {
  const timeline = exact([[0, 1000, null, "running", 1, 0, 0, 1, 0]]);
  const [one] = place(
    timeline,
    { now: 11_000, end: 11_000 },
    { width: 111, names: 1, laneHeight: 10, gap: 2 },
  ).marks;
  expect([one?.drawn, Math.round(one?.x ?? 0), Math.round(one?.width ?? 0)]).toEqual(["running", 11, 99]);
});

test("the subtitle leaves out kinds with none, and says what a cell is", () => {
  const counts = { settled: 646, running: 8, triedAgain: 6, hedged: 0, split: 0, merges: 2 };
  expect(subtitleOf({ timeline: exact([]), counts })).toBe("646 settled, 8 running, 6 tried again");
  expect(subtitleOf(hugeHistory(0, 2_040_000))).toBe(
    "each cell: 20 workers for 1 min 30 s, about 620 chunks; the 34 most unusual chunks on their own",
  );
});

test("a tip tells of all attempts at a chunk", () => {
  const lost: Mark = [1, 1000, 2100, "lost", 184, 0, 0, 1, 0];
  const second: Mark = [1, 2200, 4100, "failed", 184, 9, 1, 2, 1];
  expect(markTip(second, exact([lost, second]), NOW)).toEqual({
    title: "Chunk 184, tried again",
    lead: null,
    rows: [
      ["1st attempt", "1.1 s on thread 2, then it was lost"],
      ["2nd attempt", "1.9 s on thread 2"],
      ["Items", "8 succeeded, 1 failed"],
    ],
  });
});

test("the tip of a cell tells of its workers, time and chunks", () => {
  const timeline = {
    form: "cells",
    lanes: ["workers 421 to 440"],
    perLane: 20,
    column: 90_000,
    cells: [],
    marks: [],
  } as const;
  const tip = cellTip([0, 1, 611, 774_000, 61_100, 2204, 0, 14_000, 301_877], {
    timeline,
    start: 0,
    now: 400_000,
    zone: "utc",
  });
  expect(tip.title).toBe("Workers 421 to 440, 00:01:30 to 00:03:00");
  expect(tip.rows).toEqual([
    ["Busy", "43 % of the time"],
    ["Failed", "2,204 items"],
    ["A chunk", "1.3 s typical, 14 s slowest (chunk 301,877)"],
  ]);
});

test("the table has the slowest and all unusual chunks, in an order of its own", () => {
  const marks = threadHistory(0, NOW, true).timeline?.marks ?? [];
  const { rows } = tableMarks({ marks }, NOW);
  expect(tableMarks({ marks: marks.toReversed() }, NOW).rows).toEqual(rows);
  const unusual = marks.filter(([, , , kind, , , , , flags]) => kind === "lost" || flags > 0);
  expect(unusual.every((one) => rows.includes(one))).toBe(true);
});

test("the legend has only kinds that are there, and lanes have short names", () => {
  expect(legendOf(exact([])).map(({ name }) => name)).toEqual(["settled"]);
  expect([
    rangeName(["thread 3"]),
    rangeName(["workers 1 to 20", "workers 21 to 40"]),
    rangeName(["x"]),
  ]).toEqual(["3", "1–40", "x"]);
});

test("lanes stand in the order of their numbers, and their marks with them", () => {
  const mark = (lane: number, chunk: number): Mark => [lane, 0, 9, "succeeded", chunk, 1, 0, 1, 0];
  const cell = (lane: number): Cell => [lane, 0, 1, 9, 1, 0, 0, 9, lane];
  const lanes = ["thread 10", "thread 2", "thread 1"];
  const marks = [mark(0, 10), mark(1, 2), mark(2, 1)];
  const ordered = withLanesInOrder({
    form: "cells",
    lanes,
    perLane: 1,
    column: 9,
    marks,
    cells: [cell(0), cell(2)],
  });
  expect(ordered.lanes).toEqual(["thread 1", "thread 2", "thread 10"]);
  expect(ordered.marks.map(([lane, , , , chunk]) => [ordered.lanes[lane], chunk])).toEqual([
    ["thread 10", 10],
    ["thread 2", 2],
    ["thread 1", 1],
  ]);
  expect(ordered.form === "cells" && ordered.cells.map(([lane]) => lane)).toEqual([2, 0]);
  expect(withLanesInOrder(ordered)).toBe(ordered);
  const sums: Timeline = { form: "exact", lanes: ["workers 21 to 40", "workers 1 to 20"], marks: [] };
  expect(withLanesInOrder(sums)).toBe(sums);
});

test("few lanes are as high as they are exact, many are thin", () => {
  const lanes = (count: number): string[] => Array.from({ length: count }, (_, at) => `thread ${at + 1}`);
  const cells = (count: number): Timeline => {
    return { form: "cells", lanes: lanes(count), perLane: 1, column: 9, marks: [], cells: [] };
  };
  expect(timelineSize(cells(2), 900, false).laneHeight).toBe(14);
  expect(timelineSize(cells(40), 900, false).laneHeight).toBe(7);
});
