import { expect, test } from "vitest";
import { chance } from "../../src/core/chance.ts";

test("a seed gives the same numbers again, and another seed gives others", () => {
  const numbers = (seed: number): number[] => {
    const random = chance(seed);
    return Array.from({ length: 50 }, () => random.below(1000));
  };
  expect(numbers(7)).toEqual(numbers(7));
  expect(numbers(7)).not.toEqual(numbers(8));
  expect(numbers(7).every((n) => Number.isInteger(n) && n >= 0 && n < 1000)).toBe(true);
});

test("one in n is true about once in n times, and always for one in one", () => {
  const random = chance(1);
  const times = Array.from({ length: 10_000 }, () => random.oneIn(10)).filter(Boolean).length;
  expect(times).toBeGreaterThan(900);
  expect(times).toBeLessThan(1100);
  expect(Array.from({ length: 20 }, () => random.oneIn(1))).not.toContain(false);
});
