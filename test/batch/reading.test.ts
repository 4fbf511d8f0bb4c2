/** Reading a batch: lists, the newest entry of its plan, its totals, and whether work for it still counts. */
import { describe, expect, test } from "vitest";
import { isWanted } from "../../src/batch/steering/end.ts";
import { allBatches, allRecords } from "../../src/batch/list.ts";
import { newestEntry } from "../../src/batch/summary/newest-entry.ts";
import { failedBefore, readTotals } from "../../src/batch/summary/progress.ts";
import { isAllPlanned, sourcesOf, unitsAfter, unitsOf } from "../../src/batch/sources.ts";
import { parseSpec, specFields } from "../../src/batch/spec.ts";
import type { BatchInput } from "../../src/batch/spec.ts";
import { planKey, writeEnd, writeEntry } from "../../src/core/records/plan.ts";
import type { Fields } from "../../src/core/records/record.ts";
import type { Range } from "../../src/input/reader.ts";
import { memoryStore } from "../../src/testing/memory/store.ts";
import { nodeKey } from "../../src/core/records/tree.ts";
import { NO_TOTALS } from "../../src/core/records/totals.ts";
import { memoryLedger } from "../../src/testing/memory/ledger.ts";
import type { MemoryLedger } from "../../src/testing/memory/ledger.ts";

const STRONG = { stale: false };

function ledgerOf(records: Readonly<Record<string, Fields>>): MemoryLedger {
  const ledger = memoryLedger();
  for (const [key, fields] of Object.entries(records)) ledger.records.set(key, fields);
  return ledger;
}

/** `entries` entries of `chunks` chunks each, and the end if `ended`. */
function planned(entries: number, chunks: number, ended = false): MemoryLedger {
  const ledger = memoryLedger();
  for (let entry = 0; entry < entries; entry++) {
    const ranges = Array.from({ length: chunks }, (_, at) => ({ source: 0, start: at, end: at + 1 }));
    const { key, set } = writeEntry("01A", { entry, first: entry * chunks, ranges });
    ledger.records.set(key, set);
  }
  const end = writeEnd("01A", entries, { end: entries * chunks, short: false, generation: 0 });
  if (ended) ledger.records.set(end.key, end.set);
  return ledger;
}

describe("work for a batch", () => {
  const wanted = (fields: Fields, generations?: readonly number[]): Promise<boolean> =>
    isWanted(ledgerOf({ "batch/01A": fields }), "01A", generations);

  test("counts until the batch has ended or is to end", async () => {
    expect(await wanted({ generation: 0 })).toBe(true);
    expect(await wanted({ generation: 0, endedAt: 1 })).toBe(false);
    expect(await wanted({ generation: 0, ending: "cancel" })).toBe(false);
    expect(await isWanted(memoryLedger(), "01A")).toBe(false);
  });

  test("counts only in the generations that are asked for", async () => {
    expect(await wanted({ generation: 1 }, [1, 2])).toBe(true);
    expect(await wanted({ generation: 0 }, [1, 2])).toBe(false);
    expect(await wanted({ generation: 1, endedAt: 1 }, [1])).toBe(false);
  });
});

describe("a list of all batches", () => {
  const id = (n: number): string => `01${String(n).padStart(4, "0")}`;
  const ledger = ledgerOf(
    Object.fromEntries([
      ...Array.from({ length: 450 }, (_, n) => [
        `batch/${id(n)}`,
        { n, ...(n === 7 ? { open: "batch" } : {}) },
      ]),
      ["node/x", {}],
      ["a", {}],
    ]),
  );

  test("goes through all pages, oldest first, and leaves other records out", async () => {
    const batches = await Array.fromAsync(allBatches(ledger));
    expect(batches.map(({ batch }) => batch)).toEqual(Array.from({ length: 450 }, (_, n) => id(n)));
    expect(batches[449]).toEqual({ batch: id(449), fields: { n: 449 } });
  });

  test("may be newest first, or have only open batches", async () => {
    const newest = await Array.fromAsync(allBatches(ledger, { descending: true }));
    expect(newest.map(({ batch }) => batch)).toEqual(Array.from({ length: 450 }, (_, n) => id(449 - n)));
    expect(await Array.fromAsync(allBatches(ledger, { having: "open" }))).toMatchObject([{ batch: id(7) }]);
  });

  test("asks for no further page after one that is not full", async () => {
    let asked = 0;
    const counting: Pick<MemoryLedger, "list"> = {
      list: (...parameters) => {
        asked += 1;
        return ledger.list(...parameters);
      },
    };
    expect(await Array.fromAsync(allRecords(counting, "batch/"))).toHaveLength(450);
    expect(asked).toBe(3);
    expect(await Array.fromAsync(allRecords(counting, "nothing/"))).toEqual([]);
    expect(asked).toBe(4);
  });
});

describe("the newest entry of a plan", () => {
  test.for([1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 100])("is found among %i", async (entries) => {
    const ledger = planned(entries, 1);
    const fields = ledger.records.get(planKey("01A", entries - 1));
    expect(await newestEntry(ledger, "01A", STRONG)).toEqual({ entry: entries - 1, fields });
  });

  test("is null before the first entry is written", async () => {
    expect(await newestEntry(memoryLedger(), "01A", STRONG)).toBeNull();
  });

  test("is found in few reads, each as stale as the caller allows", async () => {
    const ledger = planned(1000, 1);
    const options: unknown[] = [];
    const counting: Pick<MemoryLedger, "read"> = {
      read: (keys, given) => {
        options.push(given);
        return ledger.read(keys);
      },
    };
    await newestEntry(counting, "01A", { stale: true });
    expect(options.length).toBeLessThanOrEqual(22);
    expect(new Set(options.map((given) => JSON.stringify(given)))).toEqual(new Set(['{"stale":true}']));
  });
});

describe("the totals of a running batch", () => {
  const leaf = (index: number, generation = 0): string =>
    nodeKey({ batch: "01A", generation, level: 0, index });

  test("are those of all its leaves, however many reads that takes", async () => {
    // 101 leaves: one read of 100 and one of a single key.
    const ledger = planned(101, 100);
    for (let index = 0; index < 101; index++)
      ledger.records.set(leaf(index), { settled: 1, chunks: 1, ms: 2 });
    const keys: string[] = [];
    const looking: Pick<MemoryLedger, "read"> = {
      read: (wanted, options) => {
        keys.push(...wanted.filter((key) => key.startsWith("node/")));
        return ledger.read(wanted, options);
      },
    };
    expect(await readTotals(looking, "01A")).toEqual({
      totals: { ...NO_TOTALS, chunks: 101, ms: 202 },
      planned: 10_100,
    });
    expect(keys).toEqual(Array.from({ length: 101 }, (_, index) => leaf(index)));
  });

  test("are zero before anything is planned", async () => {
    expect(await readTotals(ledgerOf({ "batch/01A": {} }), "01A")).toEqual({ totals: NO_TOTALS, planned: 0 });
    expect(await readTotals(memoryLedger(), "01A")).toEqual({ totals: NO_TOTALS, planned: 0 });
  });

  test("read as stale as the caller allows", async () => {
    const ledger = planned(1, 3);
    const stale: unknown[] = [];
    const looking: Pick<MemoryLedger, "read"> = {
      read: (wanted, options) => {
        stale.push(options?.stale);
        return ledger.read(wanted, options);
      },
    };
    await readTotals(looking, "01A");
    expect(new Set(stale)).toEqual(new Set([true]));
    stale.length = 0;
    await readTotals(looking, "01A", STRONG);
    expect(new Set(stale)).toEqual(new Set([false]));
  });

  test("do not count the chunks that a sealed leaf left out: its join counts them", async () => {
    const ledger = planned(1, 100);
    ledger.records.set(leaf(0), { settled: 3, chunks: 3, sealed: true, expects: 100 });
    expect((await readTotals(ledger, "01A")).totals).toEqual({ ...NO_TOTALS, chunks: 3 });
  });

  test("of a redrive are the committed totals plus the differences of its leaves", async () => {
    const ledger = planned(1, 100);
    const committed = { ...NO_TOTALS, chunks: 90, lost: 10, succeeded: 80, failed: 9 };
    ledger.records.set("batch/01A", { generation: 1, totals: { ...committed } });
    ledger.records.set(leaf(0), { settled: 90, chunks: 90 });
    ledger.records.set(leaf(0, 1), { over: 0, settled: 5, chunks: 2, lost: -2, succeeded: 4, failed: -4 });
    expect((await readTotals(ledger, "01A")).totals).toEqual({
      ...committed,
      chunks: 92,
      lost: 8,
      succeeded: 84,
      failed: 5,
    });
  });

  test("of a batch that has ended are those that it was committed with", async () => {
    const ledger = planned(2, 100, true);
    const committed = { ...NO_TOTALS, chunks: 200 };
    ledger.records.set("batch/01A", { endedAt: 1, totals: { ...committed } });
    ledger.records.set(leaf(0), { settled: 100, chunks: 100 });
    expect(await readTotals(ledger, "01A")).toEqual({ totals: committed, planned: 200 });
  });
});

test("only a current redrive has failed items from before", () => {
  const totals = { ...NO_TOTALS, failed: 7 };
  expect(failedBefore({ generation: 1, totals })).toBe(7);
  expect(failedBefore({ generation: 0, totals })).toBeNull();
  expect(failedBefore({ generation: 1, totals, endedAt: 1 })).toBeNull();
});

describe("the size of an input", () => {
  const source = (label: string, size: number) => ({ name: `in/${label}`, label, size, version: "1" });
  const csv: BatchInput = { reader: "csv", options: {}, sources: [source("a.csv", 10), source("b.csv", 5)] };

  const after = (input: BatchInput, last: Range | null): Promise<number | null> =>
    unitsAfter(input, sourcesOf(input, memoryStore()), last);

  test("is that of all sources; after a range it is the rest of its source and the later sources", async () => {
    expect(unitsOf(csv)).toBe(15);
    expect(await after(csv, null)).toBe(15);
    expect(await after(csv, { source: 0, start: 0, end: 4 })).toBe(11);
    expect(await after(csv, { source: 1, start: 0, end: 4 })).toBe(1);
  });

  test("is null if nothing comes after the range, or if a source is packed", async () => {
    expect(await after(csv, { source: 1, start: 4, end: 5 })).toBeNull();
    const packed = { ...csv, sources: [source("a.csv", 10), source("b.csv.gz", 5)] };
    expect(unitsOf(packed)).toBeNull();
    expect(await after(packed, null)).toBeNull();
  });

  test("of a list is known without its sources", async () => {
    const list = { name: "list", version: "1", count: 3, bytes: 20, lastBytes: 6, measured: true };
    const listed: BatchInput = { ...csv, sources: [], list };
    expect(unitsOf(listed)).toBe(20);
    expect(unitsOf({ ...listed, list: { ...list, measured: false } })).toBeNull();
    expect(unitsOf({ ...csv, sources: [], from: { prefix: "s3://b/" } })).toBeNull();
    expect(isAllPlanned(listed, { source: 1, start: 0, end: 6 })).toBe(false);
    expect(isAllPlanned(listed, { source: 2, start: 0, end: 5 })).toBe(false);
    expect(isAllPlanned(listed, { source: 2, start: 5, end: 6 })).toBe(true);
    expect(isAllPlanned(csv, { source: 1, start: 4, end: 5 })).toBe(true);
    expect(isAllPlanned(csv, { source: 0, start: 4, end: 10 })).toBe(false);
  });

  test("is that of the first items, if there is a limit and the reader counts in items", async () => {
    const range: BatchInput = { reader: "range", options: {}, sources: [source("", 10)], maxItems: 4 };
    expect([unitsOf(range), await after(range, null)]).toEqual([4, 4]);
    expect(await after(range, { source: 0, start: 0, end: 3 })).toBe(1);
    expect(await after(range, { source: 0, start: 3, end: 4 })).toBeNull();
    expect(unitsOf({ ...range, maxItems: 11 })).toBe(10);
    expect(unitsOf({ ...csv, maxItems: 4 })).toBeNull();
  });
});

describe("a spec", () => {
  const spec = parseSpec("01A", {
    job: "sales",
    input: { reader: "range", options: {}, sources: [] },
    params: null,
    chunk: { items: null, bytes: null },
    createdAt: 1,
    deadlineAt: 2,
    jobFile: null,
  });

  test("tolerates any number of failed items if the record has no number", () => {
    expect(spec.tolerate).toEqual({ count: null, percent: null });
    expect(specFields(spec)).not.toHaveProperty("tolerateCount");
    expect(specFields(spec)).not.toHaveProperty("toleratePercent");
    expect(specFields({ ...spec, tolerate: { count: 0, percent: 0 } })).toMatchObject({
      tolerateCount: 0,
      toleratePercent: 0,
    });
  });

  test("has the fields that a redrive adds", () => {
    expect(spec).not.toHaveProperty("redrivenAt");
    expect(spec).not.toHaveProperty("redrive");
    const redrive = { codes: ["ITEM_FAILED"], classes: null };
    const fields = { ...specFields(spec), redrivenAt: 5, redrive };
    expect(parseSpec("01A", fields)).toEqual({ ...spec, redrivenAt: 5, redrive });
  });

  test("of a missing batch throws an error that says where to look", () => {
    expect(() => parseSpec("01A", null)).toThrow(/no batch 01A here.*fanjoin list/u);
  });
});
