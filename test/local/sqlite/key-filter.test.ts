import * as fc from "fast-check";
import { expect, test } from "vitest";
import { KeyFilter } from "../../../src/local/sqlite/key-filter.ts";

/** A filter that has seen enough to be made. */
function made(keys: readonly string[]): KeyFilter {
  const filter = new KeyFilter((visit) => keys.forEach(visit));
  for (let miss = 0; miss < 500; miss++) filter.missed();
  return filter;
}

test("a key that has a record is never taken for one without", () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.array(fc.string()), (before, after) => {
      const filter = made(before);
      for (const key of after) filter.add(key);
      expect([...before, ...after].filter((key) => !filter.mayHave(key))).toEqual([]);
    }),
  );
});

test("nearly every key without a record is known among those of a million chunks", () => {
  const filter = made(Array.from({ length: 30_000 }, (_, index) => `node/01K/0/0/${index}`));
  const wrong = Array.from({ length: 10_000 }, (_, index) => `partial/01K/${index}`).filter((key) =>
    filter.mayHave(key),
  );
  expect(wrong.length).toBeLessThan(100);
});

test("the keys are read once, and only after many were looked for in vain", () => {
  let reads = 0;
  const filter = new KeyFilter(() => void reads++);
  for (let miss = 0; miss < 499; miss++) filter.missed();
  expect(filter.mayHave("a")).toBe(true);
  expect(reads).toBe(0);
  for (let miss = 0; miss < 1000; miss++) filter.missed();
  expect(filter.mayHave("a")).toBe(false);
  expect(reads).toBe(1);
});
