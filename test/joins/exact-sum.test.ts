import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ExactSum } from "../../src/joins/exact-sum.ts";
import { roundFixed, toFixed } from "../../src/joins/fixed-point.ts";
import { sum } from "../../src/joins/sum.ts";

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

function exactly(values: readonly number[]): number {
  const total = new ExactSum();
  for (const value of values) total.add(value);
  return total.value();
}

/** The oracle: big integers in units of the smallest double, rounded once. */
function byBigInt(values: readonly number[]): number {
  return roundFixed(values.reduce((total, value) => total + toFixed(value), 0n));
}

describe("the exact sum", () => {
  test("is the nearest double of the true sum", () => {
    fc.assert(
      fc.property(fc.array(finite), (values) => {
        expect(exactly(values)).toBe(byBigInt(values) + 0);
      }),
      { numRuns: 1000 },
    );
  });

  test("of integers is the nearest double too, beyond the safe ones", () => {
    const integers = fc.array(
      fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.constantFrom(2 ** 53, 2 ** 60, -(2 ** 60))),
    );
    fc.assert(
      fc.property(integers, (values) => {
        expect(exactly(values)).toBe(byBigInt(values) + 0);
      }),
      { numRuns: 1000 },
    );
  });

  test.for<[readonly number[], number]>([
    [Array.from({ length: 10 }, () => 0.1), 1],
    [[1e308, 1e308, -1e308], 1e308],
    [[1e16, 1, -1e16], 1],
    [[2 ** 53, 1, 2 ** -1000], 2 ** 53 + 2],
    [[2 ** 53, 1, -(2 ** -1000)], 2 ** 53],
    [[2 ** 53, 1], 2 ** 53],
    [[2 ** 1000, 5e-324, -(2 ** 1000)], 5e-324],
    [[-0], 0],
    [[], 0],
    [[1e308, 1e308], Number.POSITIVE_INFINITY],
  ])("of %j is %d", ([values, total]) => expect(exactly(values)).toBe(total));

  test("beyond the largest double is an error of the batch, not Infinity", () => {
    expect(() => sum()([1.5e308, 1.5e308])).toThrow(expect.objectContaining({ code: "MERGE_FAILED" }));
  });

  test("keeps integers as one number while they are safe", () => {
    const total = new ExactSum();
    for (let i = 0; i < 1000; i++) total.add(i);
    expect(total.toJSON()).toBe(499_500);
  });
});

test("a double in fixed point comes back as it was", () => {
  fc.assert(
    fc.property(finite, (value) => {
      expect(roundFixed(toFixed(value))).toBe(value + 0);
    }),
    { numRuns: 1000 },
  );
});
