import { expect, test } from "vitest";
import { NodeView, settle } from "../../../src/core/records/tree.ts";
import { addTotals, NO_TOTALS, subtractTotals, sumTotals } from "../../../src/core/records/totals.ts";

const A = { chunks: 1, lost: 2, broken: 3, succeeded: 4, failed: 5, units: 6, ms: 7 };
const B = { chunks: 10, lost: 20, broken: 30, succeeded: 40, failed: 50, units: 60, ms: 70 };

test("totals are added and subtracted count by count", () => {
  const sum = { chunks: 11, lost: 22, broken: 33, succeeded: 44, failed: 55, units: 66, ms: 77 };
  expect(addTotals(A, B)).toEqual(sum);
  expect(subtractTotals(sum, B)).toEqual(A);
  expect(subtractTotals(A, NO_TOTALS)).toEqual(A);
});

test("many totals come to what they come to one by one", () => {
  const spent = { ...A, damaged: 2, mbs: 0.5, fees: 3 };
  const given = { ...B, damaged: -2, mbs: 1 };
  for (const all of [[], [A], [A, B, A], [A, spent, B], [spent, given]]) {
    const sum = sumTotals(all.map((totals) => ({ totals })));
    expect(sum).toEqual(all.reduce(addTotals, NO_TOTALS));
    expect(Object.keys(sum).includes("damaged")).toBe(sum.damaged !== undefined);
  }
  expect(NO_TOTALS.chunks).toBe(0);
});

const leaf = { batch: "01B", generation: 0, level: 0, index: 0 };
const one = { ...NO_TOTALS, chunks: 1, failed: 1, damaged: 1 };

test("damaged sources are counted like items, and a node that has none has no field for them", () => {
  expect(addTotals(one, one)).toEqual({ ...NO_TOTALS, chunks: 2, failed: 2, damaged: 2 });
  expect(addTotals(NO_TOTALS, NO_TOTALS)).toEqual(NO_TOTALS);
  expect(Object.keys(addTotals(NO_TOTALS, NO_TOTALS))).not.toContain("damaged");
  // A redrive counts the difference.
  expect(subtractTotals(one, one)).toEqual(NO_TOTALS);
  expect(subtractTotals(NO_TOTALS, one)).toMatchObject({ damaged: -1 });
});

test("a node keeps them, and nodes of an older fanjoin have none", () => {
  const { add } = settle(leaf, [0], "tag", one);
  expect(add).toMatchObject({ settled: 1, damaged: 1 });
  expect(new NodeView({ ...add }, 100).totals()).toMatchObject({ damaged: 1 });
  const { add: plain } = settle(leaf, [0], "tag", { ...one, damaged: 0 });
  expect(new NodeView({ ...plain }, 100).totals().damaged).toBeUndefined();
});
