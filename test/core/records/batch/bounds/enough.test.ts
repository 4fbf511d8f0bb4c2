import { expect, test } from "vitest";
import {
  commitBatch,
  endWithEnough,
  openBatch,
  stateOf,
} from "../../../../../src/core/records/batch/batch.ts";
import { redriveBatch } from "../../../../../src/core/records/batch/redriving.ts";
import { endsWithEnough, enoughAt, enoughOf } from "../../../../../src/core/records/batch/bounds/enough.ts";
import { applyUpdate } from "../../../../../src/core/records/record.ts";
import type { Fields } from "../../../../../src/core/records/record.ts";
import { NO_TOTALS } from "../../../../../src/core/records/totals.ts";

const done = { succeeded: 6, units: 60, chunks: 3 };

test.for<[Fields, { units: number | null; chunks: number | null }, string | null]>([
  [{ enoughItems: 7 }, { units: 100, chunks: 4 }, null],
  [{ enoughItems: 5 }, { units: 100, chunks: 4 }, "6 items succeeded, 5 are enough"],
  [{ enoughPercent: 61 }, { units: 100, chunks: 4 }, null],
  [{ enoughPercent: 60 }, { units: 100, chunks: 4 }, "60 % of the input is done, 60 % are enough"],
  [{ enoughPercent: 75 }, { units: null, chunks: 4 }, "75 % of the input is done, 75 % are enough"],
  [{ enoughPercent: 0 }, { units: null, chunks: null }, null],
  [{ enoughPercent: 0 }, { units: 0, chunks: 0 }, null],
  [
    { enoughItems: 9, enoughPercent: 50 },
    { units: 100, chunks: 4 },
    "60 % of the input is done, 50 % are enough",
  ],
])("%j of %j: %s", ([batch, whole, reason]) => {
  expect(enoughOf(batch, done, whole)).toBe(reason);
});

test("a batch ends with enough, as its counts say, and a redrive does not", () => {
  const opened =
    applyUpdate(null, openBatch("b", { enoughItems: 5, enoughAt: 9, tolerateCount: 0 })).record ?? {};
  expect([endsWithEnough(opened), enoughAt(opened)]).toEqual([true, 9]);
  const asked = applyUpdate(opened, endWithEnough("b", "six")).record ?? {};
  expect(stateOf(asked)).toBe("planning");
  expect(applyUpdate(asked, endWithEnough("b", "seven")).applied).toBe(false);
  const end = (failed: number): Fields => {
    const joined = { totals: { ...NO_TOTALS, succeeded: 6, failed, lost: 1 }, result: null, error: null };
    return applyUpdate(asked, commitBatch("b", asked, joined, 1)).record ?? {};
  };
  expect(end(0)).toMatchObject({ state: "succeeded", error: null, enough: "six" });
  expect(end(1)).toMatchObject({ state: "failed", error: { code: "TOO_MANY_FAILURES" } });
  const redriven = applyUpdate(end(0), redriveBatch("b", end(0), { short: false })).record ?? {};
  expect([endsWithEnough(redriven), enoughAt(redriven), redriven["enough"]]).toEqual([
    false,
    null,
    undefined,
  ]);
});
