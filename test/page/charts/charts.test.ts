/** What charts draw, in numbers. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { barParts } from "../../../src/page/charts/bar-parts.ts";
import { histogram } from "../../../src/page/charts/histogram-bars.ts";
import { axisEnd, timeTicks } from "../../../src/page/charts/scale.ts";
import { linePath } from "../../../src/page/charts/series-path.ts";
import { LATENCY } from "../fixture/histories.ts";

const share = fc.nat(1_000_000);

test("every part of a bar that exists can be seen, and all of them fill it", () => {
  fc.assert(
    fc.property(share, share, share, share, share, (succeeded, failed, skipped, inFlight, waiting) => {
      const parts = barParts({ succeeded, failed, skipped, inFlight, waiting }, 1150);
      const kinds = [succeeded, failed, skipped, inFlight, waiting].filter((one) => one > 0).length;
      expect(parts.length).toBe(Math.max(1, kinds));
      for (const { width } of parts) expect(width).toBeGreaterThanOrEqual(3);
      const last = parts.at(-1);
      expect((last?.x ?? 0) + (last?.width ?? 0)).toBeCloseTo(1150, 0);
    }),
  );
});

test("an axis ends above its values, at a number that can be halved", () => {
  expect([0, 158, 64, 31_420, 800, 1, 0.3].map(axisEnd)).toEqual([1, 160, 80, 40_000, 1000, 1.2, 0.4]);
});

test("ticks are few and evenly apart", () => {
  expect(timeTicks(97, 6)).toEqual([20, 40, 60, 80]);
  expect(timeTicks(3600, 7)).toEqual([600, 1200, 1800, 2400, 3000]);
  for (const seconds of [0.5, 7, 999, 1e5, 1e8]) expect(timeTicks(seconds, 6).length).toBeLessThanOrEqual(6);
});

test("a histogram has at most 32 bars, and no label covers another", () => {
  for (const latency of [
    LATENCY,
    { ...LATENCY, p50: 1, p90: 1.1, p99: 1.2, max: 1.3, buckets: [[1, 1.3, 9] as const] },
  ]) {
    const { bars, labels } = histogram(latency, 336);
    expect(bars.length).toBeLessThanOrEqual(32);
    for (const [at, { end }] of labels.entries()) {
      const before = at === 0 ? 0 : (labels[at - 1]?.end ?? 0);
      expect(end - before).toBeGreaterThan(20);
      expect(end).toBeLessThanOrEqual(336);
    }
  }
});

test("a gap in a series stays a gap", () => {
  const box = { x: 0, y: 0, width: 40, height: 10 };
  expect(linePath([1, null, 2, 2], 4, 2, box)).toBe("M0 10L5 5M25 0L35 0");
});
