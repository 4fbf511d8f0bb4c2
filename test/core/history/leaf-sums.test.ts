import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  CHUNKS,
  LEAVES,
  SMALL_CHUNKS,
  addLeaf,
  historyKeys,
  intervalAt,
  intervalStart,
  isSmall,
  noteSums,
  noteTime,
  secondsOf,
  timesIn,
} from "../../../src/core/history/leaf-sums.ts";
import { LatencySketch } from "../../../src/core/history/latency.ts";
import { applyUpdate } from "../../../src/core/records/record.ts";
import type { Fields } from "../../../src/core/records/record.ts";
import { FAN_IN, close, nodeKey, settle } from "../../../src/core/records/tree.ts";
import { NO_TOTALS } from "../../../src/core/records/totals.ts";
import { sizeInDynamoDB } from "../records/size.ts";

const DAY_MS = 24 * 60 * 60_000;
const BATCH = "01K5ZZZZZZZZZZZZZZZZZZZZZZ";

describe("the intervals of a history on AWS", () => {
  test.each([LEAVES, CHUNKS])("follow each other without gaps, and become wider: %o", (scale) => {
    fc.assert(
      fc.property(fc.nat(30 * DAY_MS), (at) => {
        const interval = intervalAt(scale, at);
        expect(intervalStart(scale, interval)).toBeLessThanOrEqual(at);
        expect(intervalStart(scale, interval + 1)).toBeGreaterThan(at);
      }),
    );
  });

  test("are few for a long batch", () => {
    expect(intervalAt(LEAVES, DAY_MS)).toBeLessThan(350);
    expect(intervalAt(CHUNKS, DAY_MS)).toBeLessThan(64);
    expect(historyKeys({ batch: "01A", generation: 0, elapsedMs: DAY_MS }).length).toBeLessThan(50);
  });
});

/** Times of items as a function takes them: most of them within a factor of ten. */
function someTimes(spread = 10) {
  const sketch = new LatencySketch();
  for (let n = 0; n < 40; n++) sketch.add(20 * spread ** (n / 39), 250);
  const taken = sketch.take();
  return taken && { ...taken, single: 10_000 };
}

/** The leaf of so many chunks, each settled alone; `more` is what a settle brings along. */
function leafOf(chunks: number, more: (chunk: number) => { readonly [field: string]: number }): Fields {
  const node = { batch: BATCH, generation: 0, level: 0, index: 0 };
  const totals = { ...NO_TOTALS, chunks: 1, succeeded: 100, failed: 1, units: 10_000, ms: 1234.5 };
  let leaf: Fields | null = applyUpdate(null, close(node, chunks, chunks < FAN_IN)).record;
  for (let chunk = 0; chunk < chunks; chunk++) {
    const update = settle(node, [chunk], "abcdefg", { ...totals, mbs: 1200, fees: 850 });
    leaf = applyUpdate(leaf, { ...update, add: { ...update.add, ...more(chunk) } }).record;
  }
  return leaf ?? {};
}

const sizeOf = (leaf: Fields): number =>
  sizeInDynamoDB(nodeKey({ batch: BATCH, generation: 0, level: 0, index: 0 }), leaf);

describe("what is written of a history", () => {
  const totals = { chunks: 100, succeeded: 990, failed: 10, ms: 100_000 };

  test("fits into records of 1 KB: leaves by interval, with the times of their items", () => {
    const records = new Map<string, Fields>();
    for (let n = 0; n < 5000; n++) {
      const at = { batch: BATCH, generation: 0, elapsedMs: n * 40 };
      const update = addLeaf(at, totals, { seconds: 4000, times: someTimes() });
      const { record } = applyUpdate(records.get(update.key) ?? null, update);
      if (record) records.set(update.key, record);
    }
    for (const [key, record] of records) expect(sizeInDynamoDB(key, record)).toBeLessThanOrEqual(1024);
    expect(records.size).toBe(5);
  });

  test("fits into the leaf of a small batch, though its chunks are settled one by one for an hour", () => {
    const leaf = leafOf(SMALL_CHUNKS, (chunk) =>
      noteSums(chunk * 72_000, { succeeded: 100, failed: chunk % 2, ms: 1234.567 }, someTimes()),
    );
    expect(sizeOf(leaf)).toBeLessThanOrEqual(1024);
    expect(isSmall(SMALL_CHUNKS)).toBe(true);
    expect([isSmall(SMALL_CHUNKS + 1), isSmall(undefined)]).toEqual([false, false]);
  });

  test("takes five bytes in the record of a full leaf, which stays within 1 KB", () => {
    const full = leafOf(FAN_IN, (chunk) => noteTime(1, chunk * 100_000));
    expect(sizeOf(full) - sizeOf(leafOf(FAN_IN, () => ({})))).toBe(5);
    expect(sizeOf(full)).toBeLessThanOrEqual(1024);
    expect(secondsOf(full)).toBe(100 * 4950);
    expect(secondsOf({})).toBe(0);
  });

  test("is read as it was written: times by bucket, and how many were measured one by one", () => {
    const times = someTimes();
    const { add } = addLeaf({ batch: "01A", generation: 0, elapsedMs: 0 }, totals, { seconds: 0, times });
    expect(timesIn(add)).toEqual({ counts: times?.counts, single: 10_000 });
    expect(timesIn({})).toEqual({ counts: [], single: 0 });
    expect(noteSums(0, { succeeded: 1, failed: 0, ms: 2 }, null)).toEqual({ D0: 1, M0: 2 });
  });
});
