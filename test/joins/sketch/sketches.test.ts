/** How far sketches are from the truth, and from the implementation of DDSketch's authors. */
import { DDSketch } from "@datadog/sketches-js";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { distinct } from "../../../src/joins/sketch/distinct.ts";
import { quantiles } from "../../../src/joins/sketch/quantiles.ts";
import { sample } from "../../../src/joins/sketch/sample.ts";

const RANKS = [0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1];
const number = fc.oneof(
  fc.double({ noNaN: true, min: -1e300, max: 1e300 }).filter((n) => n === 0 || Math.abs(n) > 1e-300),
  fc.integer({ min: -1000, max: 1000 }),
  // Borders of bins, and powers of two, where the cubic begins anew.
  fc.integer({ min: -900, max: 900 }).map((exponent) => 2 ** exponent),
  fc.integer({ min: -20_000, max: 20_000 }).map((bin) => (1.01 / 0.99) ** bin),
);

/** The number at place `q·(n − 1)`, rounded down. */
function truly(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(q * (values.length - 1))] ?? NaN;
}

describe("quantiles", () => {
  test("are within 1 % of the number at their place", () => {
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 200 }), (values) => {
        const found = quantiles(RANKS)(values);
        for (const q of RANKS) {
          const right = truly(values, q);
          expect(Math.abs((found[q] ?? NaN) - right)).toBeLessThanOrEqual(0.010_000_1 * Math.abs(right));
        }
      }),
      { numRuns: 500 },
    );
  });

  test("agree with the DDSketch of its authors, which has the same error", () => {
    const oracle = new DDSketch({ relativeAccuracy: 0.01 });
    const values = Array.from({ length: 20_000 }, (_, i) => Math.exp(((i * 7919) % 20_000) / 1000) - 5);
    for (const value of values) oracle.accept(value);
    const found = quantiles(RANKS)(values);
    for (const q of RANKS) {
      const expected = oracle.getValueAtQuantile(q);
      expect(Math.abs((found[q] ?? NaN) - expected)).toBeLessThanOrEqual(0.0203 * Math.abs(expected));
    }
  });

  test("0 and 1 are the exact minimum and maximum; there are none without items", () => {
    expect(quantiles([0, 0.5, 1])([3.3, -1.7, 8.25])).toEqual({ 0: -1.7, 0.5: expect.any(Number), 1: 8.25 });
    expect(quantiles([0.5])([])).toEqual({ 0.5: null });
  });

  test("of the largest numbers are finite; numbers with fewer digits than others count as 0", () => {
    const { MAX_VALUE } = Number;
    expect(quantiles([0.5])([MAX_VALUE, MAX_VALUE, MAX_VALUE])).toEqual({ 0.5: MAX_VALUE });
    expect(quantiles([0.5])([1e-320, -1e-320, 1e-320])).toEqual({ 0.5: 0 });
  });

  test.for([[[]], [[1.5]], [[-0.1]], [[NaN]], ["0.5"], [undefined]])("of %j are refused", ([ranks]) => {
    expect(() => quantiles(ranks as never)).toThrow(/quantiles\(\) has to be a list of numbers from 0 to 1/);
  });
});

describe("distinct", () => {
  test("is exact up to 10,000 values, and says so", () => {
    const values = Array.from({ length: 30_000 }, (_, i) => `user-${i % 10_000}`);
    expect(distinct()(values)).toEqual({ count: 10_000, exact: true, error: 0 });
    expect(distinct()([])).toEqual({ count: 0, exact: true, error: 0 });
  });

  test("tells types apart, and keys of several parts from the text that looks like them", () => {
    const values = [1, "1", true, "true", ["1"], '["1"]', '\0["1"]', "\0\0[", -0, 0, ["a", 1], ["a", "1"]];
    expect(distinct()(values).count).toBe(11);
  });

  test.for<[string, (i: number) => string | number]>([
    ["numbers in order", (i) => i],
    ["fractions", (i) => i / 1000],
    ["texts in order", (i) => `user-${i}`],
    ["padded texts", (i) => String(i).padStart(12, "0")],
    ["texts that differ at their beginning", (i) => `${i.toString(36)}@example.org`],
    [
      "texts of other scripts",
      (i) => String.fromCharCode(0x4e00 + (i % 5000), 0x3040 + Math.floor(i / 5000)),
    ],
  ])("of %s is within four standard errors", ([, value]) => {
    for (const n of [10_001, 40_000, 300_000]) {
      const { count, exact, error } = distinct()(Array.from({ length: n }, (_, i) => value(i)));
      expect([exact, error]).toEqual([false, 0.0081]);
      expect(Math.abs(count / n - 1)).toBeLessThan(4 * error);
    }
  });

  test("repeated values change nothing", () => {
    const once = Array.from({ length: 20_000 }, (_, i) => i);
    expect(distinct()([...once, ...once])).toEqual(distinct()(once));
  });

  test.for([null, undefined, NaN, {}, [null], [[1]], 1n])("of %s is refused", (value) => {
    expect(() => distinct()([value as never])).toThrow(/the key of distinct\(\) has to be a string, number/);
  });
});

describe("sample", () => {
  const hundred = Array.from({ length: 100 }, (_, i) => i);

  test("draws in input order, without replacement; all of them if there are no more", () => {
    const drawn = sample<number>(10)(hundred);
    expect(new Set(drawn).size).toBe(10);
    expect(drawn).toEqual(drawn.toSorted((a, b) => a - b));
    expect(sample<number>(200)(hundred)).toEqual(hundred);
  });

  test("each item has the same chance, over many seeds", () => {
    const times = hundred.map(() => 0);
    const draws = 4000;
    for (let seed = 0; seed < draws; seed++)
      for (const item of sample<number>(10, { seed })(hundred)) times[item] = (times[item] ?? 0) + 1;
    // Binomial: 400 expected, with a standard deviation of 19.
    for (const n of times) expect(Math.abs(n - 400)).toBeLessThan(5 * 19);
  });

  test.for([[0], [10_001], [1.5], [undefined]])("of %s items is refused", ([n]) => {
    expect(() => sample(n as number)).toThrow(/first argument of sample/);
  });

  test("a seed that is no whole number is refused", () => {
    expect(() => sample(1, { seed: 0.5 })).toThrow("seed of sample has to be a whole number, but is 0.5");
    expect(() => sample(1, { sead: 1 } as never)).toThrow('has no option "sead". Did you mean "seed"?');
  });
});
