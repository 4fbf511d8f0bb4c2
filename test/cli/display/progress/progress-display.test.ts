import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { progressDisplay } from "../../../../src/cli/display/progress/progress-display.ts";
import { NO_TOTALS } from "../../../../src/core/records/totals.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

/** A display and its output. */
function displayed({ quiet = false, isTTY = false, env = {} } = {}) {
  const stream = Object.assign(new PassThrough({ encoding: "utf8" }), { isTTY, columns: 60 });
  const display = progressDisplay("sales", quiet, stream as unknown as typeof process.stderr, env);
  return { display, written: () => String(stream.read() ?? "") };
}

const progress = (units: number) => ({ totals: { ...NO_TOTALS, succeeded: units, units }, units: 100 });

test("without a terminal, a plain line is written every five seconds", () => {
  const { display, written } = displayed();
  display.begin("01K");
  for (let units = 0; units < 100; units++) {
    display.show(progress(units));
    vi.advanceTimersByTime(100);
  }
  display.end();
  expect(written()).toBe("sales: batch 01K runs\nsales:  50 %, 50 items, 10/s, 5.0 s left\n");
});

test.for([{ TERM: "dumb" }, { CI: "true" }, { CI: "1" }])(
  "on a terminal with %j, plain lines are written as without one",
  (env) => {
    const { display, written } = displayed({ isTTY: true, env });
    display.begin("01K");
    display.show(progress(10));
    vi.advanceTimersByTime(6000);
    display.show(progress(50));
    display.end();
    expect(written()).toBe("sales: batch 01K runs\nsales:  50 %, 50 items, 6.7/s, 7.5 s left\n");
  },
);

test.for([{ TERM: "xterm" }, { CI: "" }, { CI: "false" }, { CI: "0" }])(
  "on a terminal with %j, one line changes",
  (env) => {
    const { display, written } = displayed({ isTTY: true, env });
    display.show(progress(10));
    expect(written()).toContain("\u001b[");
    display.end();
  },
);

test("--quiet hides progress, but not the log of jobs", () => {
  const { display, written } = displayed({ quiet: true, isTTY: true });
  display.begin("01K");
  display.show(progress(50));
  display.print("warn: watch out");
  display.end();
  expect(written()).toBe("warn: watch out\n");
});

test("on a terminal one line changes, log lines stay above it, and at the end it is removed", () => {
  const { display, written } = displayed({ isTTY: true });
  display.begin("01K");
  display.show(progress(50));
  expect(written()).toContain("50 items");
  display.print("warn: watch out");
  display.end();
  const CLEARED = "\u001B[2K";
  const [before, after = ""] = written().split(`${CLEARED}warn: watch out\n`);
  expect(before).not.toContain("\n");
  expect(after).toContain("50 items");
  expect(after.endsWith(CLEARED)).toBe(true);
});

test("the last line of an ended batch stays", () => {
  const { display, written } = displayed({ isTTY: true });
  display.begin("01K");
  display.end(progress(100));
  display.end();
  expect(stripVTControlCharacters(written())).toMatch(/^sales ━+ 100 % {2}100 items\n$/);
});
