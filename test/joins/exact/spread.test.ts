/** Means, variances and deviations are the nearest double of the true value. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { divideFixed, rootOfSquares, toFixed } from "../../../src/joins/exact/fixed-point.ts";
import { histogram } from "../../../src/joins/exact/histogram.ts";
import { mean } from "../../../src/joins/exact/mean.ts";
import { stddev, variance } from "../../../src/joins/exact/variance.ts";
import { groupBy } from "../../../src/joins/groups/group-by.ts";

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -1e9, max: 1e9 }).map((cents) => cents / 100),
);
const numbers = fc.array(number, { minLength: 1, maxLength: 30 });

/** Whether no double is nearer to `numerator / denominator` (units of 2^-1074), in integers alone. */
function isNearest(found: number, numerator: bigint, denominator: bigint): boolean {
  const distance = (value: number): bigint => {
    const difference = toFixed(value) * denominator - numerator;
    return difference < 0n ? -difference : difference;
  };
  return [above(found), -above(-found)].every(
    (other) => !Number.isFinite(other) || distance(found) <= distance(other),
  );
}

function above(value: number): number {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value + 0);
  const pattern = bits.getBigInt64(0);
  bits.setBigInt64(0, pattern >= 0n ? pattern + 1n : pattern === -(2n ** 63n) ? 1n : pattern - 1n);
  return bits.getFloat64(0);
}

function fixedSum(values: readonly number[]): bigint {
  return values.reduce((sum, value) => sum + toFixed(value), 0n);
}

describe("the mean", () => {
  test("is the nearest double of the true mean, also where the sum overflows", () => {
    fc.assert(
      fc.property(numbers, (values) => {
        const grouped = groupBy(() => "all", mean())(values)["all"];
        for (const found of [mean()(values), grouped])
          expect(isNearest(found ?? NaN, fixedSum(values), BigInt(values.length))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test.for<[readonly number[], number]>([
    [[1.7e308, 1.7e308], 1.7e308],
    [[0.1, 0.2, 0.3], 0.2],
    [[2 ** 53, 1, 1], 3002399751580331.5],
    [[5e-324, 0], 0],
    [[-0], 0],
  ])("of %j is %d", ([values, expected]) => expect(mean()(values)).toBe(expected));
});

describe("variance and stddev", () => {
  test("are the nearest doubles of the true values", () => {
    const bounded = fc.array(
      fc.oneof(
        fc.double({ noNaN: true, min: -1e150, max: 1e150 }),
        number.filter((n) => Math.abs(n) < 1e150),
      ),
      { minLength: 2, maxLength: 20 },
    );
    fc.assert(
      fc.property(bounded, fc.boolean(), (values, population) => {
        const n = BigInt(values.length);
        const squares = values.reduce((sum, value) => sum + toFixed(value) ** 2n, 0n);
        const numerator = n * squares - fixedSum(values) ** 2n;
        const denominator = n * (population ? n : n - 1n);
        const found = variance((value: number) => value, { population })(values) ?? NaN;
        // In units of 2^-2148: one 2^-1074 is taken to the denominator.
        expect(isNearest(found, numerator, denominator << 1074n)).toBe(true);
        const root = stddev((value: number) => value, { population })(values) ?? NaN;
        const between = (one: number): boolean => toFixed(one) ** 2n * denominator <= numerator;
        expect(between(root) || between(-above(-root))).toBe(true);
        expect(toFixed(above(root)) ** 2n * denominator >= numerator).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("of a square is its root", () => {
    for (const root of [0, 1, 3, 0.5, 1e-200, 123_456_789, 2 ** 300])
      expect(rootOfSquares(toFixed(root) ** 2n, 1n)).toBe(root);
  });

  test.for<[readonly number[], number | null]>([
    [[], null],
    [[5], null],
    [[2, 4, 4, 4, 5, 5, 7, 9], 32 / 7],
    [[1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16], 30],
    [[1e-200, 3e-200], 0],
  ])("of %j is %d", ([values, expected]) => expect(variance()(values)).toBe(expected));

  test("of a population of one is 0; of values that are too far apart is an error of the batch", () => {
    expect(variance((n: number) => n, { population: true })([5])).toBe(0);
    expect(() => variance()([1e200, -1e200])).toThrow(expect.objectContaining({ code: "MERGE_FAILED" }));
    expect(stddev()([1e200, -1e200])).toBe(Math.SQRT2 * 1e200);
  });

  test("division rounds half to even, down to the smallest double", () => {
    expect([divideFixed(3n, 2n), divideFixed(1n, 2n), divideFixed(-3n, 2n)]).toEqual([1e-323, 0, -1e-323]);
  });
});

describe("the histogram", () => {
  test("takes the lower edge in, and of the last bin the upper one too", () => {
    expect(histogram([0, 10, 100])([-1, 0, 9.99, 10, 100, 100.1, 5])).toEqual({
      edges: [0, 10, 100],
      counts: [3, 2],
      below: 1,
      above: 1,
    });
  });

  test.for([[[]], [[1]], [[1, 1]], [[2, 1]], [[0, NaN]], [[0, Infinity]], [undefined]])(
    "of %j is refused",
    ([edges]) => {
      expect(() => histogram(edges as never)).toThrow(/edges of histogram\(\) have to be/);
    },
  );
});
