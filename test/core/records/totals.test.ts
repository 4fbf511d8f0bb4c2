import { expect, test } from "vitest";
import { addTotals, NO_TOTALS, subtractTotals } from "../../../src/core/records/tree.ts";

const A = { chunks: 1, lost: 2, broken: 3, succeeded: 4, failed: 5, units: 6, ms: 7 };
const B = { chunks: 10, lost: 20, broken: 30, succeeded: 40, failed: 50, units: 60, ms: 70 };

test("totals are added and subtracted count by count", () => {
  const sum = { chunks: 11, lost: 22, broken: 33, succeeded: 44, failed: 55, units: 66, ms: 77 };
  expect(addTotals(A, B)).toEqual(sum);
  expect(subtractTotals(sum, B)).toEqual(A);
  expect(subtractTotals(A, NO_TOTALS)).toEqual(A);
});
