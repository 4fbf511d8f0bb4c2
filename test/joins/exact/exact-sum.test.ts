import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ExactSum } from "../../../src/joins/exact/exact-sum.ts";
import { roundFixed, toFixed } from "../../../src/joins/exact/fixed-point.ts";
import { sum } from "../../../src/joins/exact/sum.ts";

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

/**
 * Numbers near the borders: of ordinary numbers (2^31), of the two parts (2^-20, 2^-21), of the fine part
 * (2^-72).
 */
const atBorder = fc
  .record({
    border: fc.constantFrom(2 ** 33, 2 ** 32, 2 ** 31, 2 ** 30, 1, 2 ** -20, 2 ** -21, 2 ** -72, 2 ** -73),
    factor: fc.constantFrom(1, 1, 1.5, 3, 1 - 2 ** -53, 1 + 2 ** -52),
    // From about the size of the border, so that it mostly counts, down to digits that no part holds.
    offset: fc.constantFrom(0, 0, 0.5, 2 ** -19, 2 ** -20, 2 ** -21, 2 ** -22, 2 ** -71, 2 ** -72, 2 ** -73),
    sign: fc.constantFrom(1, -1),
    offsetSign: fc.constantFrom(1, -1),
  })
  .map(({ border, factor, offset, sign, offsetSign }) => sign * (border * factor + offsetSign * offset));

function sumOf(values: readonly number[]): ExactSum {
  const total = new ExactSum();
  for (const value of values) total.add(value);
  return total;
}

function exactly(values: readonly number[]): number {
  return sumOf(values).value();
}

/** The doubles that a sum is kept as. */
function partsOf(total: ExactSum): readonly number[] {
  const json = total.toJSON();
  return (Array.isArray(json) ? json : [json]).map(Number);
}

/** The oracle: big integers in units of the smallest double. */
function byFixed(values: readonly number[]): bigint {
  return values.reduce((total, value) => total + toFixed(value), 0n);
}

function byBigInt(values: readonly number[]): number {
  return roundFixed(byFixed(values));
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

  test("loses nothing at the borders of its parts, and when they overflow", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(atBorder, fc.constantFrom(1, 1, 2, 7))), fc.nat(), (repeated, at) => {
        const values = repeated.flatMap(([value, times]) => Array.from({ length: times }, () => value));
        const cut = values.length === 0 ? 0 : at % values.length;
        const exact = byFixed(values);
        expect(byFixed(partsOf(sumOf(values)))).toBe(exact);
        expect(sumOf(values).value()).toBe(roundFixed(exact) + 0);
        const merged = sumOf(values.slice(0, cut));
        merged.addSum(ExactSum.from(sumOf(values.slice(cut)).toJSON()));
        expect(byFixed(partsOf(merged))).toBe(exact);
      }),
      { numRuns: 1000 },
    );
  });

  test.for([2 ** 31 - 2 ** -20, 2 ** 31 - 2 ** -21, -(2 ** 31) + 2 ** -22, 2 ** 30 + 0.1])(
    "spills %d past 2^32, many times over",
    (value) => {
      const values = Array.from({ length: 1000 }, () => value);
      expect(byFixed(partsOf(sumOf(values)))).toBe(1000n * toFixed(value));
    },
  );

  test.for([2 ** -21, 2 ** -20 - 2 ** -72, 3 * 2 ** -22, -(2 ** -21) - 2 ** -72, 2 ** -21 + 2 ** -73])(
    "carries %d past 2^-20, many times over",
    (value) => {
      const values = Array.from({ length: 1000 }, () => value);
      expect(byFixed(partsOf(sumOf(values)))).toBe(1000n * toFixed(value));
    },
  );

  test("of integers is the nearest double too, also beyond the safe integers", () => {
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

test("a double is the same after a conversion to fixed point and back", () => {
  fc.assert(
    fc.property(finite, (value) => {
      expect(roundFixed(toFixed(value))).toBe(value + 0);
    }),
    { numRuns: 1000 },
  );
});
