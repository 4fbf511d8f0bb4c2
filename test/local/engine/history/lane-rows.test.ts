import { expect, test } from "vitest";
import { LaneRows } from "../../../../src/local/engine/history/lane-rows.ts";

test("marks that overlap have rows of their own, up to four; one that is free is taken again", () => {
  const rows = new LaneRows(true);
  const at = (from: number, to: number): string => rows.of("thread 1", from, to);
  expect([at(0, 10), at(5, 15), at(8, 20), at(9, 30)]).toEqual([
    "thread 1",
    "thread 1, row 2",
    "thread 1, row 3",
    "thread 1, row 4",
  ]);
  expect(at(9, 12)).toBe("thread 1");
  expect(at(16, 18)).toBe("thread 1");
  expect(at(16, 18)).toBe("thread 1, row 2");
  expect(rows.of("thread 2", 0, 10)).toBe("thread 2");
});

test("marks that follow each other are in the first row", () => {
  const rows = new LaneRows(true);
  const at = (from: number, to: number): string => rows.of("thread 1", from, to);
  expect([at(0, 10), at(10, 20), at(20, 30)]).toEqual(["thread 1", "thread 1", "thread 1"]);
  // The second row is free again, too.
  expect([at(25, 40), at(30, 60), at(40, 50)]).toEqual(["thread 1, row 2", "thread 1", "thread 1, row 2"]);
});

test("chunks that run in turn are in one row", () => {
  const rows = new LaneRows(false);
  expect([rows.of("thread 1", 0, 10), rows.of("thread 1", 5, 15)]).toEqual(["thread 1", "thread 1"]);
});
