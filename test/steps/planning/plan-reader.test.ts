import { expect, test } from "vitest";
import { planKey, writeEnd, writeEntry } from "../../../src/core/records/plan.ts";
import type { PlanEntry } from "../../../src/core/records/plan.ts";
import { PlanReader } from "../../../src/steps/planning/plan-reader.ts";
import { memoryLedger } from "../../../src/testing/memory/ledger.ts";

const SPOOL = { name: "segments/x", offset: 0, length: 9, base: 0 };

/** Chunk n is the range from n to n+1. Entry 1 is spooled. */
function planned(entries: number, chunks: number) {
  const ledger = memoryLedger();
  for (let entry = 0; entry < entries; entry++) {
    const first = entry * chunks;
    const ranges = Array.from({ length: chunks }, (_, at) => ({
      source: 0,
      start: first + at,
      end: first + at + 1,
    }));
    const written: PlanEntry = { entry, first, ranges, ...(entry === 1 ? { spool: SPOOL } : {}) };
    ledger.records.set(planKey("01A", entry), writeEntry("01A", written).set);
  }
  const end = writeEnd("01A", entries, { end: entries * chunks, short: false, generation: 0 });
  ledger.records.set(end.key, end.set);
  const reads: string[] = [];
  const reader = new PlanReader(
    {
      async read(keys) {
        reads.push(keys[0] ?? "");
        return ledger.read(keys);
      },
    },
    "01A",
  );
  return { reader, reads };
}

test("chunks are found in every entry, in ascending order, a hundred entries a read", async () => {
  const { reader, reads } = planned(205, 2);
  for (const chunk of [0, 1, 4, 199, 200, 409]) {
    expect(await reader.chunk(chunk)).toEqual({ source: 0, start: chunk, end: chunk + 1 });
  }
  expect(reads).toEqual([planKey("01A", 0), planKey("01A", 100), planKey("01A", 200)]);
});

test("a chunk of a spooled entry has the entry's spool", async () => {
  const { reader } = planned(3, 2);
  expect(await reader.chunk(1)).not.toHaveProperty("spool");
  expect(await reader.chunk(2)).toMatchObject({ start: 2, spool: SPOOL });
  expect(await reader.chunk(3)).toMatchObject({ start: 3, spool: SPOOL });
  expect(await reader.chunk(4)).not.toHaveProperty("spool");
});

test("a chunk beyond the plan is an error, and so is one that was passed", async () => {
  const { reader } = planned(3, 2);
  await reader.chunk(4);
  await expect(reader.chunk(1)).rejects.toThrow("chunk 1 is not in the plan");
  await expect(planned(3, 2).reader.chunk(6)).rejects.toThrow("chunk 6 is not in the plan");
  await expect(planned(0, 0).reader.chunk(0)).rejects.toThrow("chunk 0 is not in the plan");
});
