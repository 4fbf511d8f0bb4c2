import { assert, nat, property, record } from "fast-check";
import { expect, test } from "vitest";
import { exceeded, exceededEarly } from "../../../../../src/core/records/batch/bounds/tolerance.ts";
import type { Tried } from "../../../../../src/core/records/batch/bounds/tolerance.ts";
import type { Fields } from "../../../../../src/core/records/record.ts";
import { NO_TOTALS } from "../../../../../src/core/records/totals.ts";

test.for<[Fields, Tried, string | null]>([
  [{}, { failed: 9, tried: 9, items: 9 }, null],
  [{ tolerateCount: 2 }, { failed: 2, tried: 2, items: null }, null],
  [{ tolerateCount: 0 }, { failed: 1, tried: 1, items: null }, "1 item failed, the job tolerates 0"],
  [{ toleratePercent: 10 }, { failed: 10, tried: 10, items: 100 }, null],
  [
    { toleratePercent: 10 },
    { failed: 11, tried: 11, items: 100 },
    "11 items failed, the job tolerates 10 % of 100",
  ],
  [{ toleratePercent: 10 }, { failed: 11, tried: 11, items: null }, null],
  [{ toleratePercent: 10, tolerateSample: 20 }, { failed: 11, tried: 19, items: null }, null],
  [
    { toleratePercent: 10, tolerateSample: 20 },
    { failed: 3, tried: 20, items: null },
    "3 of the first 20 items failed, the job tolerates 10 %",
  ],
  [{ toleratePercent: 10, tolerateSample: 20 }, { failed: 2, tried: 20, items: null }, null],
])("%j of %j: %s", ([batch, tried, message]) => {
  expect(exceededEarly(batch, tried)?.message ?? null).toBe(message);
});

test("without a sample, a batch that is ended early would have failed at its end, however the rest goes", () => {
  const some = nat({ max: 50 });
  const limits = record({ tolerateCount: some, toleratePercent: nat({ max: 100 }) }, { requiredKeys: [] });
  assert(
    property(limits, some, some, some, some, (batch, succeeded, failed, moreSucceed, moreFail) => {
      const items = succeeded + failed + moreSucceed + moreFail;
      if (exceededEarly(batch, { failed, tried: succeeded + failed, items }) === null) return;
      const all = { ...NO_TOTALS, succeeded: succeeded + moreSucceed, failed: failed + moreFail };
      expect(exceeded(batch, all)).not.toBeNull();
    }),
  );
});
