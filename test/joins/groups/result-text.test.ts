/** The text of groups, which is made without the objects that it describes. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { count } from "../../../src/joins/exact/count.ts";
import { mean } from "../../../src/joins/exact/mean.ts";
import { sum } from "../../../src/joins/exact/sum.ts";
import { groupBy } from "../../../src/joins/groups/group-by.ts";
import type { Join } from "../../../src/joins/join.ts";
import { max } from "../../../src/joins/order/extremes.ts";

interface Row {
  readonly key: string;
  readonly n: number;
}

const key = ({ key: own }: Row): string => own;
const n = ({ n: own }: Row): number => own;
const JOINS: readonly Join<Row, unknown>[] = [
  groupBy(key, count()),
  groupBy(key, sum(n)),
  groupBy(key, { total: sum(n), n: count() }),
  groupBy(key, { total: sum(n), 1: count(), 'a "name"': max(n), ["__proto__"]: count() }),
  groupBy(key, { mean: mean(n), of: groupBy(n, { n: count() }) }),
];
/** Sums within what a double holds: a larger one is an error. */
const row = fc.record({
  key: fc.constantFrom("a", "10", "9", 'a "b"', "__proto__", "\ud800", ""),
  n: fc.oneof(
    fc.double({ min: -1e300, max: 1e300, noNaN: true }),
    fc.integer(),
    fc.constantFrom(0.1, 0.25, -0, 2 ** -1074),
  ),
});

test("is that of the result", () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 30 }), (rows) => {
      for (const join of JOINS) {
        const acc = rows.reduce(
          (all, one, at) => join.add(all, join.prepare(one), { source: 0, key: at }),
          join.init(),
        );
        const text = [...(join.large?.resultText(acc, "") ?? [])].join("");
        expect(text).toBe(JSON.stringify(join.finish(acc)));
      }
    }),
  );
});

test("fails as the result does, if a sum is too large", () => {
  const join = groupBy(key, { total: sum(n), n: count() });
  const rows = [1, 1.7e308, 1.7e308].map((one) => ({ key: "a", n: one }));
  const acc = rows.reduce((all, one) => join.add(all, join.prepare(one), { source: 0, key: 0 }), join.init());
  expect(() => [...(join.large?.resultText(acc, "") ?? [])]).toThrow("larger than the largest number");
});
