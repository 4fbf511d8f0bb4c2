import { expect, test } from "vitest";
import { pauseMs } from "../../src/door/polled.ts";

test.for<[requestMs: number, followedMs: number, pause: number]>([
  [5, 0, 200],
  [50, 0, 500],
  // A cold start: ten times as long would be twelve seconds.
  [1200, 0, 5000],
  [60_000, 3_600_000, 5000],
  // A long batch is polled less often.
  [5, 100_000, 1000],
  [5, 3_600_000, 2000],
])("after a request of %d ms, %d ms into a batch, the pause is %d ms", ([requestMs, followedMs, pause]) => {
  expect(pauseMs(requestMs, followedMs)).toBe(pause);
});
