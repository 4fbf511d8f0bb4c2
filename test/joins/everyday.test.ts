/** The joins that people ask for first: any two cuts of the same items give the same bytes. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countIf } from "../../src/joins/exact/count.ts";
import { histogram } from "../../src/joins/exact/histogram.ts";
import { mean } from "../../src/joins/exact/mean.ts";
import { sum } from "../../src/joins/exact/sum.ts";
import { stddev, variance } from "../../src/joins/exact/variance.ts";
import { groupBy } from "../../src/joins/groups/group-by.ts";
import type { Join } from "../../src/joins/join.ts";
import { toJoin } from "../../src/joins/object-join.ts";
import { all, any } from "../../src/joins/order/any-all.ts";
import { max } from "../../src/joins/order/extremes.ts";
import { first, last } from "../../src/joins/order/first-last.ts";
import { bottom, maxBy, minBy, top } from "../../src/joins/order/top.ts";
import { distinct } from "../../src/joins/sketch/distinct.ts";
import { quantiles } from "../../src/joins/sketch/quantiles.ts";
import { sample } from "../../src/joins/sketch/sample.ts";
import { counterexample } from "./algebra.ts";

interface Row {
  readonly key: string;
  readonly n: number;
  readonly text: string;
}

const number = fc.oneof(
  fc.integer({ min: -9, max: 9 }),
  fc.integer({ min: -99_999, max: 99_999 }).map((cents) => cents / 100),
  fc.double({ noNaN: true, min: -1e150, max: 1e150 }),
  fc.constantFrom(0, -0, 5e-324, -5e-324, 1e-310, 2 ** 53, 1e150, -1e-200),
);
/** Few of them, so that equal ones meet. */
const few = fc.constantFrom(-1, 0, 0.5, 1, 2);
const key = fc.constantFrom("a", "b", "10", "9", "", "\x7f", "__proto__", "[1]", '["a",1]', "\0", "\0[");
const row = fc.record({ key, n: few, text: fc.constantFrom("x", "y", "ü") });
const by = ({ n }: Row): number => n;
const cut = (join: Join<never, unknown>, value: fc.Arbitrary<unknown>): string | null =>
  counterexample(join as Join<unknown, unknown>, value);

const GROUPED = groupBy((one: Row) => [one.key, one.n > 0], {
  total: sum(by),
  mean: mean(by),
  top: max(by),
  users: distinct((one: Row) => one.text),
  best: top(2, by),
  drawn: sample<Row>(2),
  spread: stddev(by),
});

describe("any two cuts of the same items give the same bytes", () => {
  test.for<[string, Join<never, unknown>, fc.Arbitrary<unknown>]>([
    ["countIf", countIf((n: number) => n > 0), number],
    ["any", any((n: number) => n === 1), few],
    ["all", all((n: number) => n < 2), few],
    ["histogram", histogram([-1, 0, 0.5, 2]), number],
    ["mean", mean(), number],
    ["variance", variance(), number],
    ["variance of a population", variance((n: number) => n, { population: true }), number],
    ["stddev", stddev(), number],
    ["quantiles", quantiles([0, 0.01, 0.5, 0.99, 1]), number],
    ["distinct", distinct(), fc.oneof(number, key, fc.boolean(), fc.tuple(key, few))],
    ["top", top(3, by), row],
    ["bottom", bottom(3, by), row],
    ["top of numbers and texts", top(4), fc.oneof(few, key)],
    ["minBy", minBy(by), row],
    ["maxBy", maxBy(by), row],
    ["first", first(), row],
    ["last", last((one: Row) => one.text), row],
    ["sample", sample<Row>(3, { seed: 7 }), row],
    ["groupBy of many joins, with keys of several parts", GROUPED, row],
    ["groupBy, ordered", GROUPED.orderBy((one, name) => (one.total > 0 ? name : null)), row],
    ["groupBy, ordered and limited", GROUPED.orderBy(({ total }) => total, "desc").limit(3), row],
    ["groupBy in groupBy", groupBy(({ key: one }: Row) => one, GROUPED), row],
    [
      "an object of joins with groups in it",
      toJoin({ by: GROUPED, n: countIf((one: Row) => one.n > 0), last: last() }, "join"),
      row,
    ],
    [
      "an object of joins within groups",
      groupBy(({ key: one }: Row) => one, {
        by: groupBy(({ text }: Row) => text, sum(by)),
        any: any(() => true),
      }),
      row,
    ],
  ])("%s", ([, join, value]) => expect(cut(join, value)).toBeNull());

  test("a set of values that becomes a sketch somewhere", () => {
    // The texts are long, so that a few of them are too many characters.
    const long = fc.nat(20).map((n) => `${n}${"x".repeat(30_000)}`);
    expect(cut(distinct(), long)).toBeNull();
  });
});
