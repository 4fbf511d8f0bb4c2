import { expect, test } from "vitest";
import { endBatch } from "../../../../src/core/records/batch/batch.ts";
import { redriveBatch } from "../../../../src/core/records/batch/redriving.ts";
import { removeBatch } from "../../../../src/core/records/batch/removed-batch.ts";
import {
  hasCurrentReport,
  hasOwnReport,
  hasStoredReport,
  noteReport,
} from "../../../../src/core/records/batch/report.ts";
import { applyUpdate } from "../../../../src/core/records/record.ts";
import type { Fields } from "../../../../src/core/records/record.ts";

const ENDED: Fields = { generation: 0, state: "failed", endedAt: 5, input: { reader: "range" } };

test("a batch of ten seconds has a report of its own, a shorter one and one that runs have none", () => {
  expect([10, 3600].map(hasOwnReport)).toEqual([true, true]);
  expect([9.999, 0, null].map(hasOwnReport)).toEqual([false, false, false]);
});

test("a report is that of the end that it tells of, until a redrive begins, and after it", () => {
  expect([hasStoredReport(ENDED), hasCurrentReport(ENDED)]).toEqual([false, false]);
  const noted = applyUpdate(ENDED, noteReport("01A", 0)).record ?? {};
  expect([hasStoredReport(noted), hasCurrentReport(noted)]).toEqual([true, true]);
  const redriven = applyUpdate(noted, redriveBatch("01A", noted, { short: false })).record ?? {};
  expect([hasStoredReport(redriven), hasCurrentReport(redriven)]).toEqual([true, false]);
  const again = { ...redriven, endedAt: 9 };
  expect([hasStoredReport(again), hasCurrentReport(again)]).toEqual([true, false]);
  expect(hasCurrentReport(applyUpdate(again, noteReport("01A", 1)).record ?? {})).toBe(true);
});

test("a report of an earlier end is noted while a redrive runs, which knows then that there is one", () => {
  const running = applyUpdate(ENDED, redriveBatch("01A", ENDED, { short: false })).record ?? {};
  const { applied, record } = applyUpdate(running, noteReport("01A", 0));
  expect([applied, hasCurrentReport(record ?? {})]).toEqual([true, false]);
  expect(applyUpdate(record, endBatch("01A", "cancel", { code: "CANCELLED", message: "" })).applied).toBe(
    true,
  );
});

test("a removed batch has none, and an unknown one gets no record", () => {
  const noted = applyUpdate(ENDED, noteReport("01A", 0)).record ?? {};
  const { record: removed } = applyUpdate(noted, removeBatch("01A", noted, 9));
  expect(hasStoredReport(removed ?? {})).toBe(false);
  expect(applyUpdate(removed, noteReport("01A", 0)).applied).toBe(false);
  expect(applyUpdate(null, noteReport("01A", 0)).applied).toBe(false);
});
