import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addLeaf,
  historyKeys,
  intervalAt,
  intervalStart,
  leafHistory,
} from "../../../src/core/history/leaf-sums.ts";
import { applyUpdate } from "../../../src/core/records/record.ts";
import type { Fields } from "../../../src/core/records/record.ts";

const DAY_MS = 24 * 60 * 60_000;
const sum = (all: readonly (number | null)[]): number =>
  all.reduce<number>((sofar, one) => sofar + (one ?? 0), 0);

describe("the intervals of a history on AWS", () => {
  test("follow each other without gaps, and become wider", () => {
    fc.assert(
      fc.property(fc.nat(30 * DAY_MS), (at) => {
        const interval = intervalAt(at);
        expect(intervalStart(interval)).toBeLessThanOrEqual(at);
        expect(intervalStart(interval + 1)).toBeGreaterThan(at);
      }),
    );
  });

  test("are few for a long batch", () => {
    expect(intervalAt(DAY_MS)).toBeLessThan(350);
    expect(historyKeys({ batch: "01A", generation: 0, elapsedMs: DAY_MS }).length).toBeLessThan(50);
  });
});

describe("leaves that were added in any order", () => {
  const totals = { chunks: 100, succeeded: 990, failed: 10, ms: 100_000 };

  function recorded(times: readonly number[]): Map<string, Fields> {
    const records = new Map<string, Fields>();
    for (const elapsedMs of times) {
      const update = addLeaf({ batch: "01A", generation: 0, elapsedMs }, totals);
      const { record } = applyUpdate(records.get(update.key) ?? null, update);
      if (record) records.set(update.key, record);
    }
    return records;
  }

  test("are all in the history, which has at most 300 points", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2 * DAY_MS), { minLength: 1, maxLength: 100 }), (times) => {
        const records = recorded(times);
        const elapsedMs = Math.max(...times);
        const keys = historyKeys({ batch: "01A", generation: 0, elapsedMs });
        const history = leafHistory(
          keys.map((key) => records.get(key) ?? null),
          5,
          elapsedMs,
        );
        expect(sum(history?.points.done ?? [])).toBe(1000 * times.length);
        expect(sum(history?.points.failed ?? [])).toBe(10 * times.length);
        expect(history?.counts.settled).toBe(100 * times.length);
        expect(history?.points.done.length).toBeLessThanOrEqual(300);
        expect(keys).toEqual(expect.arrayContaining([...records.keys()]));
      }),
    );
  });

  test("fit into records of 1 KB", () => {
    const busy = Array.from({ length: 5000 }, (_, n) => n * 40);
    for (const record of recorded(busy).values()) expect(JSON.stringify(record).length).toBeLessThan(1024);
  });

  test("say how many workers were at work", () => {
    const records = recorded([1000, 2000, 3000]);
    const history = leafHistory([...records.values()], 0, 4999);
    // Three leaves of 100 s of work within 5 s.
    expect(history?.points.inFlight).toEqual([60]);
    expect(leafHistory([null], 0, 100)).toBeNull();
  });
});
