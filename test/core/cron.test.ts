import { expect, test } from "vitest";
import { nextTick, parseCron, tickName } from "../../src/core/cron.ts";
import type { Cron } from "../../src/core/cron.ts";

const NOW = Date.UTC(2026, 10, 30, 2, 17, 30);

function cron(text: string): Cron {
  const parsed = parseCron(text);
  if (typeof parsed === "string") throw new Error(parsed);
  return parsed;
}

function ticks(text: string, count: number, from = NOW): string[] {
  const found: string[] = [];
  for (let at: number | null = from; found.length < count;) {
    at = nextTick(cron(text), at);
    if (at === null) break;
    found.push(tickName(at));
  }
  return found;
}

test.for<[string, string[]]>([
  ["* * * * *", ["2026-11-30T02:18Z", "2026-11-30T02:19Z"]],
  ["*/20 * * * *", ["2026-11-30T02:20Z", "2026-11-30T02:40Z", "2026-11-30T03:00Z"]],
  ["5/25 * * * *", ["2026-11-30T02:30Z", "2026-11-30T02:55Z", "2026-11-30T03:05Z"]],
  ["0 3 * * *", ["2026-11-30T03:00Z", "2026-12-01T03:00Z"]],
  ["17 2 * * *", ["2026-12-01T02:17Z"]],
  ["30 8-10/2,23 * * *", ["2026-11-30T08:30Z", "2026-11-30T10:30Z", "2026-11-30T23:30Z"]],
  ["0 0 1 jan *", ["2027-01-01T00:00Z"]],
  ["0 0 29 2 *", ["2028-02-29T00:00Z", "2032-02-29T00:00Z"]],
  ["0 0 31 * *", ["2026-12-31T00:00Z", "2027-01-31T00:00Z", "2027-03-31T00:00Z"]],
  ["0 0 * * MON-FRI", ["2026-12-01T00:00Z", "2026-12-02T00:00Z"]],
  ["0 0 * * 7", ["2026-12-06T00:00Z"]],
  ["0 0 * * 0", ["2026-12-06T00:00Z"]],
  // Both are limited: either will do, as in cron.
  ["0 0 13 * 5", ["2026-12-04T00:00Z", "2026-12-11T00:00Z", "2026-12-13T00:00Z"]],
  // A field that begins with * limits together with the other.
  ["0 0 */2 * 1", ["2026-12-07T00:00Z", "2026-12-21T00:00Z"]],
])("%s is due at %j", ([text, expected]) => {
  expect(ticks(text, expected.length)).toEqual(expected);
});

test("the 29th of February comes after eight years around 2100", () => {
  expect(ticks("0 0 29 2 *", 1, Date.UTC(2096, 1, 29, 1))).toEqual(["2104-02-29T00:00Z"]);
});

test.for([
  ["0 3 * *", "it has 4 fields, but five are needed"],
  ["0 0 3 * * *", "it has 6 fields"],
  ["@daily", "it has 1 fields"],
  ["60 * * * *", '"60" is not a minute: it may be *, a number from 0 to 59'],
  ["* 24 * * *", '"24" is not a hour'],
  ["* * 0 * *", "is not a day of the month"],
  ["* * * 13 *", "is not a month"],
  ["* * * * 8", "is not a weekday"],
  ["5-1 * * * *", '"5-1" is not a minute'],
  ["*/0 * * * *", '"*/0" is not a minute'],
  ["1, * * * *", '"" is not a minute'],
  ["1-2-3 * * * *", "is not a minute"],
  ["L * * * *", "is not a minute"],
  ["0 0 30 2 *", "it is due on no day"],
] as const)("%j is refused", ([text, reason]) => {
  expect(parseCron(text)).toContain(reason);
});
