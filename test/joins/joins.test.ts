import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toJoin } from "../../src/joins/object-join.ts";
import { collect, count } from "../../src/joins/exact/count.ts";
import { max, min } from "../../src/joins/order/extremes.ts";
import { fold } from "../../src/joins/fold.ts";
import { groupBy } from "../../src/joins/groups/group-by.ts";
import type { Join } from "../../src/joins/join.ts";
import { mean } from "../../src/joins/exact/mean.ts";
import { sum } from "../../src/joins/exact/sum.ts";
import { NOWHERE } from "../../src/runner/chunk/item-place.ts";
import { counterexample } from "./algebra.ts";

/** Integers, money, and doubles of every size, so that naive sums round, cancel and overflow. */
const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.integer({ min: -99_999, max: 99_999 }).map((cents) => cents / 100),
  fc.double({ noNaN: true, min: -1e300, max: 1e300 }),
  fc.constantFrom(
    0,
    -0,
    5e-324,
    -5e-324,
    2 ** 53,
    -(2 ** 53),
    1e16,
    1e-16,
    2 ** 960,
    -(2 ** 960),
    1e306,
    -1e306,
  ),
);
const key = fc.constantFrom("a", "b", "10", "9", "", "a\x7fb", "__proto__", "constructor", "ü", "toString");
const row = fc.record({ key, number });
type Row = { key: string; number: number };

const list = fold({
  init: (): number[] => [],
  add: (acc, value: number) => [...acc, value],
  merge: (a, b) => [...a, ...b],
});
const text = fold({ init: () => "", add: (acc, { key }: Row) => `${acc}${key},`, merge: (a, b) => a + b });

describe("a join gives the result of one pass, to the last bit, however the input is cut and merged", () => {
  test.for<[string, Join<number, unknown>]>([
    ["sum", sum()],
    ["mean", mean()],
    ["min", min()],
    ["max", max()],
    ["count", count()],
    ["collect", collect()],
  ])("%s", ([, join]) => {
    expect(counterexample(join, number)).toBeNull();
  });

  test("a fold that appends, which is not commutative", () => {
    expect(counterexample(list, fc.integer())).toBeNull();
  });

  test("a fold of text that depends on every key and its order", () => {
    expect(counterexample(text, row)).toBeNull();
  });

  const inner = {
    total: sum((one: Row) => one.number),
    n: count(),
    top: max((one: Row) => one.number),
    text,
  };
  const grouped = groupBy((one: Row) => one.key, inner);

  test("an object of joins", () => {
    expect(counterexample(toJoin(inner, "join"), row)).toBeNull();
  });

  test("groupBy, its groups in order of first appearance", () => {
    expect(counterexample(grouped, row)).toBeNull();
  });

  test("groupBy in groupBy", () => {
    const nested = groupBy((one: Row) => one.number > 0, grouped);
    expect(counterexample(nested, row)).toBeNull();
  });

  test("and a join that does not is noticed", () => {
    const plain = fold({ init: () => 0, add: (acc, n: number) => acc + n, merge: (a, b) => a + b });
    expect(counterexample(plain, number)).toContain("Counterexample");
    const swapped = fold({ init: () => "", add: (acc, { key }: Row) => acc + key, merge: (a, b) => b + a });
    expect(counterexample(swapped, row)).toContain("Counterexample");
  });
});

describe("results", () => {
  test("without values", () => {
    expect([sum()([]), count()([]), mean()([]), min()([]), max()([]), collect()([])]).toEqual([
      0,
      0,
      null,
      null,
      null,
      0,
    ]);
    expect(groupBy(String, count())([])).toEqual({});
  });

  test("a selector selects the number of a row", () => {
    const rows = [{ amount: 2.5 }, { amount: 4 }];
    const amount = (row: { amount: number }): number => row.amount;
    expect([sum(amount)(rows), min(amount)(rows), max(amount)(rows), mean(amount)(rows)]).toEqual([
      6.5, 2.5, 4, 3.25,
    ]);
  });

  test("groups are in the order of first appearance; every text can be a key", () => {
    const groups = groupBy((word: string) => word, count())(["b", "__proto__", "a", "b", "constructor"]);
    expect(Object.entries(groups)).toEqual([
      ["b", 2],
      ["__proto__", 1],
      ["a", 1],
      ["constructor", 1],
    ]);
    expect(Object.getPrototypeOf(groups)).toBe(Object.prototype);
  });

  test("numbers and booleans are keys as JavaScript writes them", () => {
    expect(groupBy((n: number) => n > 1, count())([1, 2, 3])).toEqual({ false: 1, true: 2 });
    expect(groupBy((n: number) => n, count())([7, 7])).toEqual({ 7: 2 });
  });

  test("only collect asks for outputs, also within other joins", () => {
    expect([collect().outputs, count().outputs]).toEqual([true, false]);
    expect(toJoin({ all: collect(), n: count() }, "join").outputs).toBe(true);
    expect(groupBy(String, collect()).outputs).toBe(true);
  });
});

describe("a value that is refused", () => {
  test.for([
    [
      "12",
      /sum\(\) takes finite numbers only, but was given the string "12".*\(z\.string\(\)\.trim\(\)\.min\(1\)\.pipe\(z\.coerce\.number\(\)\)\)/,
    ],
    [Number.NaN, /given NaN/],
    [Number.POSITIVE_INFINITY, /given Infinity/],
    [10n, /the bigint 10n.*Number\(/],
    [null, /given null/],
    [undefined, /given undefined/],
    [{ amount: 1 }, /an object\. Select one of its numbers: sum\(row => row\.amount\)/],
    [[1], /an array/],
    [true, /given true/],
    [Symbol("x"), /a symbol/],
    ["x".repeat(50), /"x{40}…"/],
  ])("by sum: %s", ([value, message]) => {
    expect(() => (sum() as Join<unknown, number>).prepare(value)).toThrow(
      expect.objectContaining({ code: "JOIN_FAILED", message: expect.stringMatching(message as RegExp) }),
    );
  });

  test.for([
    [null, /null\. Give such items a key of their own/],
    [undefined, /undefined\. Give such items a key of their own/],
    [{}, /an object\. Give such items a key of their own/],
    [["Peru", null], /null\. Give such items a key of their own/],
  ])("as the key of a group: %s", ([value, message]) => {
    const join = groupBy((one: unknown) => one as string, count());
    expect(() => join.prepare(value)).toThrow(
      expect.objectContaining({ code: "JOIN_FAILED", message: expect.stringMatching(message as RegExp) }),
    );
  });

  test("leaves the accumulator as it was", () => {
    const join = groupBy((one: { key: string; a: unknown; b: unknown }) => one.key, {
      a: sum((one) => one.a as number),
      b: sum((one) => one.b as number),
    });
    const acc = join.add(join.init(), join.prepare({ key: "x", a: 1, b: 2 }), NOWHERE);
    const before = JSON.stringify(join.encode(acc));
    expect(() => join.prepare({ key: "x", a: 5, b: "no" })).toThrow("string");
    expect(() => join.prepare({ key: "new", a: 5, b: Number.NaN })).toThrow("NaN");
    expect(JSON.stringify(join.encode(acc))).toBe(before);
    expect(join.finish(join.add(acc, join.prepare({ key: "x", a: 1, b: 1 }), NOWHERE))).toEqual({
      x: { a: 2, b: 3 },
    });
  });
});

describe("a value that is not a join is refused, by name", () => {
  test.for([
    [{}, "join is not a join"],
    [null, "join is not a join"],
    [[count()], "join is not a join"],
    [() => 1, "join is not a join"],
    [{ n: count(), total: 1 }, "join.total is not a join"],
    [{ n: count }, "join.n is not a join. .* Is it called, as in count"],
  ])("%s", ([value, message]) => {
    expect(() => toJoin(value as Join<unknown, unknown>, "join")).toThrow(
      expect.objectContaining({ code: "JOB_INVALID", message: expect.stringMatching(message as string) }),
    );
  });
});

describe("a value without the key that was meant", () => {
  test("the keys that are there are named, by numeric joins and by groupBy", () => {
    const rows = [{ Amount: "1", country: "PT" }];
    const keys = 'undefined from a value with the keys "Amount", "country"';
    expect(() => sum((row: { amount?: number }) => row.amount as number)(rows as never)).toThrow(keys);
    const groups = groupBy((row: { Country?: string }) => row.Country as string, count());
    expect(() => groups(rows as never)).toThrow(keys);
    expect(() => sum((row: number) => row && (undefined as never))([1])).toThrow(
      "was given undefined. Give it",
    );
  });
});
