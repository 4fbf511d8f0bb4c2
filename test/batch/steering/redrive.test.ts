/** How a redrive begins. Redrives as a whole are tested with the steps. */
import { describe, expect, test } from "vitest";
import { isDone, redrive } from "../../../src/batch/steering/redrive.ts";
import { specFields } from "../../../src/batch/spec.ts";
import type { BatchSpec } from "../../../src/batch/spec.ts";
import { writeEnd, writeEntry } from "../../../src/core/records/plan.ts";
import type { PlannedRange } from "../../../src/core/records/plan.ts";
import type { Fields } from "../../../src/core/records/record.ts";
import { NO_TOTALS } from "../../../src/core/records/totals.ts";
import type { Totals } from "../../../src/core/records/totals.ts";
import { manualClock } from "../../memory/clock.ts";
import { memoryLedger } from "../../../src/testing/memory/ledger.ts";
import { memoryQueue } from "../../../src/testing/memory/queue.ts";

const source = (size: number) => ({ name: "", label: "range", size, version: "" });
const SPEC: BatchSpec = {
  batch: "01A",
  job: "job",
  input: { reader: "range", options: {}, sources: [source(10), source(20)] },
  params: null,
  chunk: { items: null, bytes: null },
  tolerate: { count: null, percent: null },
  createdAt: 1_000,
  deadlineAt: 61_000,
  jobFile: null,
};
const FLAWED = { failed: 1 };

/** A batch that has ended with these totals; `more` are further fields of its record. */
function ended(totals: Partial<Totals>, more: Fields = {}) {
  const ledger = memoryLedger();
  const queue = memoryQueue();
  ledger.records.set("batch/01A", {
    ...specFields(SPEC),
    generation: 0,
    endedAt: 50_000,
    state: "completed-with-failures",
    totals: { ...NO_TOTALS, ...totals },
    ...more,
  });
  const ports = { ledger, queue, clock: manualClock(100_000) };
  return { ledger, queue, ports, record: () => ledger.records.get("batch/01A") ?? {} };
}

/** The plan: these ranges in entry 0 (none: no entry), and an end that is short or not. */
function plan({ ledger }: ReturnType<typeof ended>, ranges: readonly PlannedRange[], short: boolean): void {
  const entries = ranges.length === 0 ? 0 : 1;
  const entry = writeEntry("01A", { entry: 0, first: 0, ranges });
  if (entries === 1) ledger.records.set(entry.key, entry.set);
  const end = writeEnd("01A", entries, { end: ranges.length, short, generation: 0 });
  ledger.records.set(end.key, end.set);
}

describe("a redrive", () => {
  test("opens the next generation and wakes the coordinator", async () => {
    const batch = ended(FLAWED);
    const filter = { codes: ["ITEM_FAILED"], classes: null };
    expect(await redrive(batch.ports, "01A", filter)).toBe(true);
    expect(batch.record()).toMatchObject({ generation: 1, redrive: filter, remerge: false, short: false });
    expect(batch.record()).not.toHaveProperty("endedAt");
    expect(batch.queue.take("coordinator")).toEqual([{ kind: "plan", batch: "01A", entry: 0 }]);
  });

  test("does everything again without a filter", async () => {
    const batch = ended(FLAWED);
    await redrive(batch.ports, "01A", null);
    expect(batch.record()).toMatchObject({ redrive: null });
  });

  test("has as much time as the batch had, from its own beginning on", async () => {
    const batch = ended(FLAWED);
    await redrive(batch.ports, "01A", null);
    expect(batch.record()).toMatchObject({ redrivenAt: 100_000, deadlineAt: 160_000 });
    const again = ended(FLAWED, { redrivenAt: 20_000, deadlineAt: 50_000 });
    await redrive(again.ports, "01A", null);
    expect(again.record()).toMatchObject({ redrivenAt: 100_000, deadlineAt: 130_000 });
  });

  test.for<Partial<Totals>>([{ failed: 1 }, { broken: 1 }, { lost: 1 }, { failed: 2, broken: 1, lost: 1 }])(
    "has something to do where %j",
    async (totals) => {
      expect(await redrive(ended(totals).ports, "01A", null)).toBe(true);
    },
  );

  test("has nothing to do if every item succeeded", async () => {
    const batch = ended({ succeeded: 9 });
    expect(await redrive(batch.ports, "01A", null)).toBe(false);
    expect(batch.record()).toMatchObject({ generation: 0, endedAt: 50_000 });
    expect(batch.queue.waiting("coordinator")).toBe(0);
  });

  test.for(["MERGE_FAILED", "JOIN_TOO_LARGE"])("merges everything again after %s", async (code) => {
    const batch = ended({ succeeded: 9 }, { error: { code, message: "" } });
    expect(await redrive(batch.ports, "01A", null)).toBe(true);
    expect(batch.record()).toMatchObject({ remerge: true });
  });

  test("is refused for a missing batch", async () => {
    const { ports } = ended(FLAWED);
    await expect(redrive(ports, "01Z", null)).rejects.toMatchObject({ code: "BATCH_UNKNOWN" });
  });

  test("is refused for a batch that has not ended, or that was redriven meanwhile", async () => {
    const { ports, ledger } = ended(FLAWED);
    const notReady = {
      code: "BATCH_NOT_READY",
      message: expect.stringContaining("fanjoin resume 01A") as string,
    };
    const late = { ...ports, ledger: { ...ledger, update: async () => ({ applied: false, record: {} }) } };
    await expect(redrive(late as typeof ports, "01A", null)).rejects.toMatchObject(notReady);
    ledger.records.set("batch/01A", {
      ...specFields(SPEC),
      generation: 0,
      totals: { ...NO_TOTALS, failed: 1 },
    });
    await expect(redrive(ports, "01A", null)).rejects.toMatchObject(notReady);
  });
});

describe("a plan is short of its input", () => {
  const last = (source_: number, end: number): PlannedRange => ({ source: source_, start: 0, end });

  test.for<[string, readonly PlannedRange[], short: boolean, expected: boolean]>([
    ["if it was ended before anything was planned", [], true, true],
    ["if it was ended within the last source", [last(0, 10), last(1, 19)], true, true],
    ["if it was ended before the last source", [last(0, 10)], true, true],
    [
      "if it was ended in an earlier source, at a place beyond the last one's size",
      [last(0, 25)],
      true,
      true,
    ],
    ["not if it was ended, but every source was planned", [last(0, 10), last(1, 20)], true, false],
    ["not if it came to its end by itself", [last(0, 10)], false, false],
  ])("%s", async ([, ranges, short, expected]) => {
    const some = ended(FLAWED);
    plan(some, ranges, short);
    await redrive(some.ports, "01A", { codes: ["ITEM_FAILED"], classes: null });
    expect(some.record()).toMatchObject({ short: expected });
    expect(some.record()).not.toHaveProperty("extend");

    const all = ended(FLAWED, { chunks: ranges.length });
    plan(all, ranges, short);
    await redrive(all.ports, "01A", null);
    const { short: isShort, chunks, extend, first } = all.record();
    const whole = { isShort: false, chunks: ranges.length };
    expect({ isShort, chunks, extend, first }).toEqual(
      expected ? { extend: 0, first: ranges.length } : whole,
    );
  });

  test("which is enough to redrive the batch, if no item failed", async () => {
    const batch = ended({ succeeded: 5 });
    plan(batch, [last(0, 5)], true);
    expect(await redrive(batch.ports, "01A", null)).toBe(true);
    expect(batch.record()).toMatchObject({ extend: 0, first: 1 });
  });

  test("and goes on behind the newest entry with ranges, however many ends follow it", async () => {
    const batch = ended(FLAWED);
    const entries = [
      writeEntry("01A", { entry: 0, first: 0, ranges: [last(0, 5)] }),
      writeEnd("01A", 1, { end: 1, short: true, generation: 0 }),
      writeEntry("01A", { entry: 2, first: 1, ranges: [{ source: 0, start: 5, end: 9 }] }),
      writeEnd("01A", 3, { end: 2, short: true, generation: 1 }),
      writeEnd("01A", 4, { end: 2, short: true, generation: 2 }),
    ];
    for (const { key, set } of entries) batch.ledger.records.set(key, set);
    await redrive(batch.ports, "01A", null);
    expect(batch.record()).toMatchObject({ extend: 2, first: 2 });
  });
});

describe("a batch is done", () => {
  const SUCCEEDED: Fields = { state: "succeeded", endedAt: 1, totals: { ...NO_TOTALS, succeeded: 3 } };
  test("if all of its input succeeded", () => {
    expect(isDone(SUCCEEDED)).toBe(true);
    expect(isDone({ ...SUCCEEDED, short: false })).toBe(true);
  });

  test.for<[string, Fields]>([
    ["it goes on", { endedAt: null }],
    ["it failed", { state: "failed" }],
    ["its plan is short", { short: true }],
    ["it was asked to end", { ending: "deadline" }],
    ["an item failed", { totals: { ...NO_TOTALS, failed: 1 } }],
    ["a chunk was given up", { totals: { ...NO_TOTALS, broken: 1 } }],
    ["a chunk was left out", { totals: { ...NO_TOTALS, lost: 1 } }],
  ])("but not if %s", ([, change]) => {
    const { endedAt, ...rest } = { ...SUCCEEDED, ...change };
    expect(isDone(endedAt === null ? rest : { ...rest, endedAt: 1 })).toBe(false);
  });
});

test("a short plan that has as many items as its batch may run is whole", async () => {
  const limited = specFields({ ...SPEC, input: { ...SPEC.input, reader: "lines", maxItems: 5 } });
  for (const [items, extended] of [
    [5, false],
    [4, true],
  ] as const) {
    const batch = ended(FLAWED, limited);
    const ranges = [{ source: 0, start: 0, end: 5 }];
    const entry = writeEntry("01A", { entry: 0, first: 0, ranges, items });
    batch.ledger.records.set(entry.key, entry.set);
    const end = writeEnd("01A", 1, { end: 1, short: true, generation: 0 });
    batch.ledger.records.set(end.key, end.set);
    expect(await redrive(batch.ports, "01A", null)).toBe(true);
    expect("extend" in batch.record()).toBe(extended);
  }
});

test("the records that a redrive begins with are read fresh", async () => {
  const batch = ended(FLAWED);
  plan(batch, [{ source: 0, start: 0, end: 5 }], true);
  const asked: unknown[] = [];
  const ledger = {
    ...batch.ledger,
    read: async (keys: readonly string[], options?: { readonly stale?: boolean }) => {
      if (keys[0]?.startsWith("plan/")) asked.push(options?.stale ?? false);
      return batch.ledger.read(keys);
    },
  };
  await redrive({ ...batch.ports, ledger }, "01A", null);
  expect(new Set(asked)).toEqual(new Set([false]));
});
