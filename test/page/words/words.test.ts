/** Numbers, times and texts as the page says them. */
import { expect, test } from "vitest";
import {
  axisNumber,
  bytesOf,
  coarseDuration,
  dollars,
  estimated,
  ordinal,
  percentOf,
} from "../../../src/page/words/numbers.ts";
import { cut, fileName, oneLine, printable } from "../../../src/page/words/printable.ts";
import { ago, dayName, elapsed, longAgo, moment, period } from "../../../src/page/words/times.ts";

test("a per cent is rounded down, and 100 only where all is done", () => {
  expect([percentOf(659, 1000), percentOf(9999, 10_000), percentOf(10, 10), percentOf(1, 0)]).toEqual([
    65, 99, 100, 0,
  ]);
});

test("an estimate has no more digits than it can know", () => {
  expect([0, 64, 4173, 41_769, 1_234_567, 41_987_654, 2.04e9].map(estimated)).toEqual([
    "0",
    "64",
    "4,170",
    "41,800",
    "1.2 million",
    "42 million",
    "2 billion",
  ]);
});

test("time that is left is rounded as a person would", () => {
  expect([0.2, 34, 88, 601, 1530, 12_100].map(coarseDuration)).toEqual([
    "1 s",
    "34 s",
    "1 min 30 s",
    "10 min",
    "26 min",
    "3 h 20 min",
  ]);
});

test("a part and the whole have one unit", () => {
  expect([bytesOf(252_900, 388_736), bytesOf(1.19e12, 1.9e12), bytesOf(3, 900)]).toEqual([
    "252 of 389 kB",
    "1.1 of 1.9 TB",
    "3 of 900 B",
  ]);
});

test("small sums of money keep two digits", () => {
  expect([0, 0.004_21, 0.42, 18.4, 1234.5].map(dollars)).toEqual([
    "$0",
    "$0.0042",
    "$0.42",
    "$18.40",
    "$1,234.50",
  ]);
});

test("numbers on axes and of attempts", () => {
  expect([90, 1500, 40_000, 1e7].map(axisNumber)).toEqual(["90", "1.5k", "40k", "10 M"]);
  expect([1, 2, 3, 4, 11, 22].map(ordinal)).toEqual(["1st", "2nd", "3rd", "4th", "11th", "22nd"]);
});

const NOON = Date.UTC(2026, 10, 29, 12, 0, 0);

test("a report names the date and UTC", () => {
  expect(moment(NOON, NOON, "utc")).toBe("29 November 2026, 12:00:00");
  expect(period(NOON, NOON + 88_000, NOON, "utc")).toBe("29 November 2026, 12:00:00 to 12:01:28 UTC");
  expect(period(NOON, NOON + 86_400_000, NOON, "utc")).toBe(
    "29 November 2026, 12:00:00 to 30 November 2026, 12:00:00 UTC",
  );
});

test("days have names while they are near", () => {
  const day = 86_400_000;
  expect([0, 1, 2].map((days) => dayName(NOON - days * day, NOON, "utc"))).toEqual([
    "Today",
    "Yesterday",
    "27 November 2026",
  ]);
});

test("times ago go in steps, and a time to come is now", () => {
  const before = (seconds: number): number => NOON - seconds * 1000;
  expect([-5, 2, 63, 7300, 200_000].map((seconds) => ago(before(seconds), NOON))).toEqual([
    "now",
    "2 s ago",
    "1 min ago",
    "2 h ago",
    "2 d ago",
  ]);
  expect(longAgo(before(63), NOON)).toBe("1 min 03 s ago");
  expect([0.2, 20, 300, 7200].map(elapsed)).toEqual(["200 ms", "20 s", "5 min", "2 h"]);
});

test("characters that reorder or hide text are escapes, line ends a sign", () => {
  expect(printable("a\u202eb\u0000\n")).toBe("a\\u202eb\\u0000\n");
  expect(oneLine("a\r\nb\nc\td")).toBe("a↵b↵c⇥d");
  expect(cut("abcdef", 4)).toBe("abc…");
  expect([fileName("/home/a/q4.csv"), fileName("s3://b/k/x.jsonl"), fileName("q4.csv")]).toEqual([
    "q4.csv",
    "x.jsonl",
    "q4.csv",
  ]);
});
