import * as fc from "fast-check";
import { expect, test } from "vitest";
import { chunksUpTo, newestEntry } from "../../../src/batch/summary/newest-entry.ts";
import { writeEntry } from "../../../src/core/records/plan.ts";
import { memoryLedger } from "../../../src/testing/memory/ledger.ts";

test("the newest of any number of entries is found, in few reads", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 300 }), async (entries) => {
      const ledger = memoryLedger();
      for (let entry = 0; entry < entries; entry++) {
        const ranges = [{ source: 0, start: entry, end: entry + 1 }];
        await ledger.update(writeEntry("01A", { entry, first: entry, ranges }));
      }
      let reads = 0;
      const counting = { read: (keys: readonly string[]) => (reads++, ledger.read(keys)) };
      const newest = await newestEntry(counting, "01A", { stale: false });
      expect(newest?.entry ?? -1).toBe(entries - 1);
      expect(chunksUpTo(newest)).toBe(entries);
      expect(reads).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(entries + 1)) + 2);
    }),
    { numRuns: 60 },
  );
});

test("the reads are as fresh as the caller asks for", async () => {
  const asked: unknown[] = [];
  const read = async (_keys: readonly string[], options: unknown) => (asked.push(options), [null]);
  for (const stale of [true, false]) await newestEntry({ read }, "01A", { stale });
  expect(asked).toEqual([{ stale: true }, { stale: false }]);
});
