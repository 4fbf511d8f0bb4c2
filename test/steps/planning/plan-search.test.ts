import { array, assert, asyncProperty, integer } from "fast-check";
import { expect, test } from "vitest";
import { writeEnd, writeEntry } from "../../../src/core/records/plan.ts";
import { memoryLedger } from "../../../src/testing/memory/ledger.ts";
import { PlanSearch } from "../../../src/steps/planning/plan-search.ts";

/** A plan with entries of these numbers of chunks, each of one unit; 0 stands for an END. */
async function planOf(sizes: readonly number[]) {
  const ledger = memoryLedger();
  let first = 0;
  for (const [entry, size] of sizes.entries()) {
    const ranges = Array.from({ length: size }, (_, n) => ({
      source: 0,
      start: first + n,
      end: first + n + 1,
    }));
    await ledger.update(
      size === 0
        ? writeEnd("b", entry, { end: first, short: true, generation: entry })
        : writeEntry("b", { entry, first, ranges }),
    );
    first += size;
  }
  return { ledger, chunks: first };
}

test("every chunk of a plan is found, however it is divided, and with ENDs in its middle", async () => {
  const sizes = array(integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 30 });
  await assert(
    asyncProperty(sizes, async (given) => {
      const { ledger, chunks } = await planOf([1, ...given]);
      const search = new PlanSearch(ledger, "b", given.length);
      for (let chunk = 0; chunk < chunks; chunk++)
        expect(await search.chunk(chunk)).toMatchObject({ start: chunk, end: chunk + 1 });
      await expect(search.chunk(chunks)).rejects.toThrow(`chunk ${chunks} is not in the plan`);
    }),
    { numRuns: 60 },
  );
});

test("a chunk far in a long plan costs few reads", async () => {
  const { ledger } = await planOf(Array.from({ length: 2_000 }, () => 2));
  let reads = 0;
  const counting = {
    read: (keys: readonly string[]) => {
      reads += keys.length;
      return ledger.read(keys);
    },
  };
  const search = new PlanSearch(counting, "b", 0);
  await search.chunk(3_333);
  expect(reads).toBeLessThan(15);
  await search.chunk(3_332);
  expect(reads).toBeLessThan(15);
});
