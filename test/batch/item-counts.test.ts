/** What a summary says of items: how many there are, where that is known. */
import { describe, expect, test } from "vitest";
import { specFields } from "../../src/batch/spec.ts";
import type { BatchInput, BatchSpec } from "../../src/batch/spec.ts";
import { summarize } from "../../src/batch/summary/summary.ts";
import type { BatchSummary } from "../../src/batch/summary/summary.ts";
import type { Fields } from "../../src/core/records/record.ts";
import { NO_TOTALS } from "../../src/core/records/totals.ts";
import type { Totals } from "../../src/core/records/totals.ts";
import { memoryLedger } from "../../src/testing/memory/ledger.ts";

const source = { name: "s", label: "s", size: 100, version: "1" };
/** A reader that knows how many items its input has, and one that does not. */
const RANGE: BatchInput = { reader: "range", options: {}, sources: [source] };
const LINES: BatchInput = { reader: "lines", options: {}, sources: [source] };
const ENDED: Fields = { endedAt: 5_000, state: "succeeded", result: null, chunks: 3 };

async function summary(input: BatchInput, totals: Partial<Totals>, more: Fields): Promise<BatchSummary> {
  const spec: BatchSpec = {
    batch: "01A",
    job: "job",
    input,
    params: null,
    chunk: { items: null, bytes: null },
    tolerate: { count: null, percent: null },
    createdAt: 1_000,
    deadlineAt: 9_000,
    jobFile: null,
  };
  const fields = { ...specFields(spec), generation: 0, totals: { ...NO_TOTALS, ...totals }, ...more };
  const ledger = memoryLedger();
  ledger.records.set("batch/01A", fields);
  return summarize(ledger, "01A", fields, (_, file) => file);
}

describe("the items of a batch that has ended", () => {
  test("are those that were tried, if every chunk of the whole input was settled", async () => {
    for (const input of [RANGE, LINES]) {
      const { items } = await summary(input, { succeeded: 7, failed: 2 }, ENDED);
      expect(items).toEqual({ total: 9, succeeded: 7, failed: 2, skipped: 0 });
    }
  });

  test.for<[string, Partial<Totals>, Fields]>([
    ["chunks were left out", { lost: 1 }, {}],
    ["chunks were given up", { broken: 1 }, {}],
    ["the batch was asked to end", {}, { ending: "cancel" }],
    ["the plan is short of the input", {}, { short: true }],
  ])("are unknown where %s, unless the reader knows how many there are", async ([, totals, more]) => {
    const counts = { succeeded: 7, failed: 2, ...totals };
    expect((await summary(RANGE, counts, { ...ENDED, ...more })).items).toEqual({
      total: 100,
      succeeded: 7,
      failed: 2,
      skipped: 91,
    });
    expect((await summary(LINES, counts, { ...ENDED, ...more })).items).toEqual({
      total: null,
      succeeded: 7,
      failed: 2,
      skipped: null,
    });
  });

  test("are all of them after a cancel, if a redrive found that the plan covers the input", async () => {
    const { items } = await summary(LINES, { succeeded: 9 }, { ...ENDED, ending: "cancel", short: false });
    expect(items).toMatchObject({ total: 9, skipped: 0 });
  });
});

describe("the progress of a batch that runs", () => {
  test("is measured by its input, and skips nothing yet", async () => {
    expect(await summary(LINES, {}, { chunks: 3 })).toMatchObject({
      items: { total: null, skipped: 0 },
      progress: { units: 0, of: 100, failedBefore: null },
    });
    expect((await summary(RANGE, {}, { chunks: 3 })).items).toMatchObject({ total: 100, skipped: 0 });
  });

  test("is measured by the items that had failed in a redrive", async () => {
    const { progress } = await summary(LINES, { failed: 4 }, { chunks: 3, generation: 1 });
    expect(progress).toEqual({ units: 0, of: null, unit: "bytes", failedBefore: 4 });
  });
});

test("the time that a batch took counts from its newest redrive", async () => {
  expect((await summary(RANGE, {}, ENDED)).seconds).toBe(4);
  expect((await summary(RANGE, {}, { ...ENDED, redrivenAt: 3_500 })).seconds).toBe(1.5);
});
