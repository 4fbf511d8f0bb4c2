import { expect, test } from "vitest";
import { isStuck, observe, checkIntervalMs } from "../../../../src/local/threads/watching/watchdog.ts";
import type { Activity, Watched } from "../../../../src/local/threads/watching/watchdog.ts";

const TIMEOUT_MS = 1000;
const SEEN: Activity = { running: 7, pieces: 2, begun: 3, turns: 9, inside: true };

/** What is thought of a thread that was seen like that, one look after the other. */
function watched(seen: readonly Activity[], sinceMs = checkIntervalMs(TIMEOUT_MS)): Watched {
  return seen.reduce<Watched | null>(
    (before, one) => observe(before, one, sinceMs, TIMEOUT_MS),
    null,
  ) as Watched;
}

const times = (n: number, seen = SEEN): Activity[] => Array.from({ length: n }, () => seen);

test("a thread in which nothing moves for longer than an item may take is stuck", () => {
  expect(isStuck(watched(times(4)), TIMEOUT_MS)).toBe(false);
  expect(isStuck(watched(times(7)), TIMEOUT_MS)).toBe(true);
});

test.for([
  ["another item is begun", { begun: 4 }],
  ["another piece is begun", { pieces: 3 }],
  ["its event loop turns", { turns: 10 }],
  ["it runs another request", { running: 8 }],
  ["it is in no item's code", { inside: false }],
] as const)("a thread is not stuck if %s", ([, change]) => {
  const moved = { ...SEEN, ...change };
  expect(isStuck(watched([...times(6), moved]), TIMEOUT_MS)).toBe(false);
  expect(watched([...times(6), moved]).stillMs).toBe(0);
});

test("a thread that reads or writes for long is not stuck", () => {
  expect(isStuck(watched(times(100, { ...SEEN, inside: false })), TIMEOUT_MS)).toBe(false);
});

test("time in which the machine slept is not held against a thread", () => {
  expect(isStuck(watched(times(2), 3_600_000), TIMEOUT_MS)).toBe(false);
});

test("a thread shows that it moves several times within an item's time, and not too often", () => {
  expect(checkIntervalMs(1000)).toBeLessThanOrEqual(250);
  expect(checkIntervalMs(900_000)).toBe(1000);
  expect(checkIntervalMs(1)).toBe(10);
});
