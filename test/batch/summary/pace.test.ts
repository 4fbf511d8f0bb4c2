import { describe, expect, test } from "vitest";
import { NO_PACE, remaining } from "../../../src/batch/summary/pace.ts";
import type { PaceContext } from "../../../src/batch/summary/pace.ts";
import type { BatchSpec } from "../../../src/batch/spec.ts";

const spec = (reader: "csv" | "range") =>
  ({ input: { reader, options: {}, sources: [] } }) as unknown as BatchSpec;

const RUNNING: PaceContext = {
  spec: spec("csv"),
  state: "running",
  totals: { succeeded: 90, failed: 10, units: 1000 },
  of: 5000,
  pace: { threads: 4, unitsInFlight: 200, unitsPerSecond: 50 },
  seconds: 10,
};

describe("what is left of a batch", () => {
  test("is estimated by the items so far: ten bytes each", () => {
    expect(remaining(RUNNING)).toMatchObject({ inFlight: 20, waiting: 380 });
  });

  test("is exact where a unit is an item", () => {
    const totals = { succeeded: 30, failed: 0, units: 30 };
    expect(
      remaining({
        ...RUNNING,
        spec: spec("range"),
        totals,
        of: 100,
        pace: { ...RUNNING.pace, unitsInFlight: 5 },
      }),
    ).toMatchObject({
      inFlight: 5,
      waiting: 65,
      exact: true,
    });
  });

  test("includes what is in flight where that is not known", () => {
    expect(remaining({ ...RUNNING, pace: NO_PACE })).toMatchObject({ inFlight: null, waiting: 400 });
  });

  test("is not known without a size, or before anything is done", () => {
    expect(remaining({ ...RUNNING, of: null })).toMatchObject({
      inFlight: 20,
      waiting: null,
      secondsLeft: null,
    });
    const none = { succeeded: 0, failed: 0, units: 0 };
    expect(remaining({ ...RUNNING, totals: none })).toMatchObject({ inFlight: null, waiting: null });
  });
});

describe("the time that is left", () => {
  test("lies between the rate of the last minute and that of all", () => {
    expect(remaining(RUNNING).secondsLeft).toEqual({ least: 40, most: 80 });
    expect(remaining({ ...RUNNING, pace: NO_PACE }).secondsLeft).toEqual({ least: 40, most: 40 });
  });

  test.each([
    ["in the first seconds", { seconds: 4 }],
    ["before a hundredth is done", { of: 200_000 }],
    ["of a paused batch", { state: "paused" }],
    ["of one that nobody works on", { state: "interrupted" }],
  ] as const)("is not told %s", (_, more) => {
    expect(remaining({ ...RUNNING, ...more }).secondsLeft).toBeNull();
  });
});
