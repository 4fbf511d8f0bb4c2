import * as fc from "fast-check";
import { expect, test } from "vitest";
import { AdaptiveWindow } from "../../../src/core/limits/adaptive-window.ts";

/** Fills the window, and ends so many calls well; others begin in their places at once. */
function ended(window: AdaptiveWindow, calls: number): number {
  const fill = (): void => {
    while (window.hasRoom) window.begin();
  };
  fill();
  for (let n = 0; n < calls; n++) {
    window.end(false);
    fill();
  }
  return window.size;
}

test("the window doubles until the first refusal, and then grows by one for each full round", () => {
  const window = new AdaptiveWindow(100);
  expect([0, 4, 8, 16].map((calls) => ended(window, calls))).toEqual([4, 8, 16, 32]);
  window.end(true);
  expect(window.size).toBe(22);
  // These began before the refusal.
  expect(ended(window, 31)).toBe(22);
  expect(ended(window, 21)).toBe(22);
  expect(ended(window, 1)).toBe(23);
  expect(ended(window, 23)).toBe(24);
});

test("calls that were in flight at a refusal shrink the window once, however many are refused", () => {
  const window = new AdaptiveWindow(64);
  while (window.size < 20) {
    while (window.hasRoom) window.begin();
    window.end(false);
  }
  while (window.hasRoom) window.begin();
  const size = window.size;
  for (let n = 0; n < size; n++) window.end(true);
  expect(window.size).toBe(Math.floor(size * 0.7));
  window.begin();
  window.end(true);
  expect(window.size).toBe(Math.floor(size * 0.7 * 0.7));
});

test("a window that is not used does not grow", () => {
  const window = new AdaptiveWindow(64);
  for (let n = 0; n < 100; n++) {
    window.begin();
    window.end(false);
  }
  expect(window.size).toBe(4);
});

test("the window stays between one and the most, and no more calls are in flight than it has had", () => {
  const step = fc.constantFrom("begin", "well", "refused", "gives up");
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 40 }), fc.array(step, { maxLength: 400 }), (most, steps) => {
      const window = new AdaptiveWindow(most);
      let inFlight = 0;
      for (const next of steps) {
        if (next === "begin") {
          if (!window.hasRoom) continue;
          window.begin();
          inFlight++;
        } else if (inFlight > 0) {
          inFlight--;
          if (next === "gives up") window.giveUp();
          else window.end(next === "refused");
        }
        expect(window.size).toBeGreaterThanOrEqual(1);
        expect(window.size).toBeLessThanOrEqual(most);
        expect(window.hasRoom).toBe(inFlight < window.size);
      }
    }),
  );
});
