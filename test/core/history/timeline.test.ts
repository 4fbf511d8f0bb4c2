import { describe, expect, test } from "vitest";
import { HEDGED, SPLIT, TRIED_AGAIN } from "../../../src/core/history/history.ts";
import type { CellTimeline, Timeline } from "../../../src/core/history/history.ts";
import { Marks } from "../../../src/core/history/marks.ts";
import { sum, mark, timelineOf, many } from "./timelines.ts";

describe("the timeline", () => {
  test("has a mark for each attempt up to 1,600 of them", () => {
    const marks = many(1600, 8);
    expect(timelineOf(marks)).toMatchObject({ form: "exact", marks });
  });

  test("has at most 2,000 marks for a million chunks, and its cells lose no chunk and no busy time", () => {
    const marks = many(1_000_000, 100);
    const { form, cells, marks: unusual, lanes } = timelineOf(marks, 100) as CellTimeline;
    expect(form).toBe("cells");
    expect(cells.length + unusual.length).toBeLessThanOrEqual(2000);
    expect(lanes).toHaveLength(25);
    expect(lanes[0]).toBe("threads 1 to 4");
    expect(sum(cells.map((cell) => cell[2]))).toBe(1_000_000);
    expect(sum(cells.map((cell) => cell[4]))).toBe(10_000_000);
    const busy = sum(marks.map(([, from, to]) => (to ?? 0) - from));
    expect(Math.abs(sum(cells.map((cell) => cell[3])) - busy)).toBeLessThan(2000);
  });

  test("is the same for every order of arrival", () => {
    const marks = many(5000, 8).map((one, n) =>
      n % 97 === 0 ? mark(one[0], one[1], (one[2] ?? 0) + n, n, { 7: 2, 8: TRIED_AGAIN }) : one,
    );
    const shuffled = marks.toSorted((a, b) => ((a[4] * 7919) % 5003) - ((b[4] * 7919) % 5003));
    const sorted = ({ marks: all, ...rest }: CellTimeline) => ({
      ...rest,
      marks: all.toSorted((a, b) => a[4] - b[4] || a[7] - b[7]),
    });
    expect(sorted(timelineOf(shuffled) as CellTimeline)).toEqual(sorted(timelineOf(marks) as CellTimeline));
  });

  test("keeps the most unusual chunks, and the slowest", () => {
    const odd = [
      mark(0, 0, 50, 100_001, { 7: 2, 8: TRIED_AGAIN }),
      mark(1, 0, 50, 100_002, { 8: HEDGED }),
      mark(2, 0, 50, 100_003, { 8: SPLIT }),
      mark(3, 0, 50, 100_004, { 3: "broken" }),
      mark(4, 0, 5000, 100_005),
      mark(5, 0, 2000, 3, { 3: "merge" }),
      mark(5, 0, 200, 4, { 3: "merge" }),
    ];
    const { marks } = timelineOf([...many(3000, 8), ...odd]) as CellTimeline;
    const chunks = marks.map((one) => `${one[3]} ${one[4]}`);
    for (const one of odd.slice(0, 6)) expect(chunks).toContain(`${one[3]} ${one[4]}`);
    expect(chunks).not.toContain("merge 4");
  });

  test("stays as it was made when another worker comes", () => {
    const all = new Marks();
    all.lane("thread 1");
    const before = all.timeline([]);
    all.lane("thread 2");
    expect(before.lanes).toEqual(["thread 1"]);
  });

  test("goes on after a restart as if there had been none", () => {
    const marks = many(4000, 8);
    for (const cut of [1000, 2500]) {
      const first = timelineOf(marks.slice(0, cut));
      const resumed = new Marks();
      resumed.restore(JSON.parse(JSON.stringify(first)) as Timeline);
      for (const one of marks.slice(cut)) resumed.add(one);
      const [found, wanted] = [resumed.timeline([]) as CellTimeline, timelineOf(marks) as CellTimeline];
      expect(found.cells.map((cell) => cell.slice(0, 3))).toEqual(
        wanted.cells.map((cell) => cell.slice(0, 3)),
      );
      expect(sum(found.cells.map((cell) => cell[5]))).toBe(sum(wanted.cells.map((cell) => cell[5])));
    }
  });
});
