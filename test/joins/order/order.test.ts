import { describe, expect, test } from "vitest";
import { countIf } from "../../../src/joins/exact/count.ts";
import { all, any } from "../../../src/joins/order/any-all.ts";
import { first, last } from "../../../src/joins/order/first-last.ts";
import { bottom, maxBy, minBy, top } from "../../../src/joins/order/top.ts";

const rows = [
  { id: 1, n: 2 },
  { id: 2, n: 5 },
  { id: 3, n: 5 },
  { id: 4, n: 1 },
];
type Row = (typeof rows)[number];
const by = ({ n }: Row): number => n;
const ids = (found: readonly Row[]): number[] => found.map(({ id }) => id);

describe("top and bottom", () => {
  test("sort, and keep the first of equal ones", () => {
    expect(ids(top(3, by)(rows))).toEqual([2, 3, 1]);
    expect(ids(top(1, by)(rows))).toEqual([2]);
    expect(ids(bottom(3, by)(rows))).toEqual([4, 1, 2]);
    expect([top(3, by)([]), maxBy(by)([]), minBy(by)([])]).toEqual([[], null, null]);
    expect([maxBy(by)(rows)?.id, minBy(by)(rows)?.id]).toEqual([2, 4]);
  });

  test("sort texts by their code units, and numbers before texts", () => {
    expect(top(9)(["b", "a", 10, "Z", 9])).toEqual(["b", "a", "Z", 10, 9]);
    expect(bottom(9)(["b", "a", 10, "Z", 9])).toEqual([9, 10, "Z", "a", "b"]);
  });

  test("keep a value as it was when it was returned", () => {
    const scratch = { id: 0, n: 0 };
    const reused = function* (): Generator<Row> {
      for (const row of rows) yield Object.assign(scratch, row);
    };
    expect(ids(top(2, by)(reused()))).toEqual([2, 3]);
    expect(last<Row>()(reused())).toEqual(rows[3]);
    expect(first<Row>()(reused())).toEqual(rows[0]);
  });

  test.for<[unknown, RegExp]>([
    [{ n: NaN }, /top\(\) sorts by finite numbers and texts, but was given NaN/],
    [{ m: 1 }, /given undefined from a value with the keys "m"/],
    [{ n: new Date(0) }, /an object\. Select its time: row\.at\.getTime\(\)/],
    [{ n: 1, at: Infinity }, /top\(\) keeps values as JSON, but was given a value whose \.at is Infinity/],
  ])("refuse %j", ([value, message]) => {
    expect(() => top(1, by)([value as Row])).toThrow(message);
  });

  test.for([0, 10_001, 1.5, undefined])("of %s values are refused", (n) => {
    expect(() => top(n as number)).toThrow(/first argument of top/);
  });

  test("minBy and maxBy need a function", () => {
    expect(() => maxBy(undefined as never)).toThrow("maxBy() needs a function that says by what");
  });
});

describe("first and last", () => {
  test("keep values or what is selected of them; null without items", () => {
    expect([first()([3, 4]), last()([3, 4]), first()([]), last()([])]).toEqual([3, 4, null, null]);
    expect([first(by)(rows), last(by)(rows)]).toEqual([2, 1]);
    expect(first()([null, 1])).toBe(null);
  });

  test("refuse what JSON cannot hold, wherever it stands", () => {
    expect(() => first()([1, NaN])).toThrow("first() keeps values as JSON, but was given NaN");
    expect(() => last()([undefined, 1])).toThrow("undefined");
  });
});

describe("any, all and countIf", () => {
  test("decide by a predicate, or of booleans", () => {
    const large = ({ n }: Row): boolean => n > 4;
    expect([any(large)(rows), all(large)(rows), countIf(large)(rows)]).toEqual([true, false, 2]);
    expect([any()([false]), any()([]), all()([true, true]), all()([])]).toEqual([false, false, true, true]);
  });

  test.for(["false", 1, null, undefined])("refuse %j: only true and false are clear", (value) => {
    expect(() => countIf(() => value as never)([1])).toThrow(
      /countIf\(\) takes true or false, but was given/,
    );
  });
});
