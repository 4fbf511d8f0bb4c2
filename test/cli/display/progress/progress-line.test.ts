import { PassThrough } from "node:stream";
import { WriteStream } from "node:tty";
import { expect, test, vi } from "vitest";
import { NO_TOTALS } from "../../../../src/core/records/totals.ts";
import { rateMeter } from "../../../../src/cli/display/progress/rate.ts";
import {
  paintFor,
  plain,
  plainLine,
  terminalLine,
} from "../../../../src/cli/display/progress/progress-line.ts";
import type { ProgressView } from "../../../../src/cli/display/progress/progress-line.ts";

const view = (more: Partial<ProgressView["progress"]["totals"]> = {}): ProgressView => ({
  job: "sales",
  progress: { totals: { ...NO_TOTALS, succeeded: 1240, units: 620, ...more }, units: 1000 },
  speed: { itemsPerSecond: 310, unitsPerSecond: 155 },
});

test("a terminal's line shows the share of the input, items, failures, rate and time left", () => {
  expect(terminalLine(view({ failed: 3 }), 100, plain)).toBe(
    "sales ━━━━━━━━━━━━━━━━━━────────────  62 %  1,243 items  3 failed  310/s  2.5 s left",
  );
});

test("the line is always narrower than the terminal: the bar and the last facts are left out", () => {
  for (let columns = 1; columns <= 120; columns++) {
    expect(terminalLine(view({ failed: 3 }), columns, plain).length).toBeLessThan(columns);
  }
  expect(terminalLine(view(), 30, plain)).toBe(" 62 %  1,240 items  310/s");
});

test("100 % is shown only when everything is done", () => {
  expect(plainLine(view({ units: 999 }))).toContain("99 %");
  expect(plainLine(view({ units: 1000 }))).toBe("sales: 100 %, 1,240 items, 310/s");
});

test("an input of unknown size has no percentage and no time left", () => {
  const { progress, ...rest } = view();
  const unmeasured = { ...rest, progress: { ...progress, units: null } };
  expect(plainLine(unmeasured)).toBe("sales: 1,240 items, 310/s");
  expect(terminalLine(unmeasured, 80, plain)).toMatch(/^sales ─+ 1,240 items {2}310\/s$/);
});

test("an empty input has no percentage and no time left", () => {
  const progress = { totals: NO_TOTALS, units: 0 };
  expect(plainLine({ job: "sales", progress, speed: null })).toBe("sales: 0 items");
});

test("a redrive shows how many failed items are left, and no percentage", () => {
  const { job, progress, speed } = view({ failed: 12 });
  const redrive = { ...progress, units: null, failedBefore: 30 };
  expect(plainLine({ job, progress: redrive, speed })).toBe(
    "sales: 1,252 items, 12 failed of 30 before, 310/s",
  );
});

test("colours are for terminals, and NO_COLOR turns them off", () => {
  const file = new PassThrough();
  const getColorDepth = (): number => WriteStream.prototype.getColorDepth();
  const terminal = Object.assign(new PassThrough(), { isTTY: true, getColorDepth });
  const red = (stream: PassThrough): string => paintFor(stream as unknown as WriteStream)("red", "3 failed");
  // Node reads these variables too.
  for (const name of ["NO_COLOR", "FORCE_COLOR", "NODE_DISABLE_COLORS", "CI"]) vi.stubEnv(name, undefined);
  vi.stubEnv("TERM", "xterm-256color");
  expect(red(terminal)).toBe("\u001B[31m3 failed\u001B[39m");
  expect(red(file)).toBe("3 failed");
  vi.stubEnv("NO_COLOR", "1");
  expect(red(terminal)).toBe("3 failed");
  vi.unstubAllEnvs();
});

test("the speed is that of the last seconds", () => {
  const meter = rateMeter();
  expect(meter.add({ atMs: 0, items: 0, units: 0 })).toBeNull();
  expect(meter.add({ atMs: 100, items: 50, units: 5 })).toBeNull();
  expect(meter.add({ atMs: 1000, items: 100, units: 10 })).toEqual({
    itemsPerSecond: 100,
    unitsPerSecond: 10,
  });
  for (let atMs = 2000; atMs <= 60_000; atMs += 1000) meter.add({ atMs, items: 100, units: 10 });
  expect(meter.add({ atMs: 60_500, items: 150, units: 15 })?.itemsPerSecond).toBeCloseTo(50 / 10.5);
});
