import { expect, test } from "vitest";
import { hasEnded, stateOf } from "../../../../src/core/records/batch/batch.ts";
import { redriveBatch } from "../../../../src/core/records/batch/redriving.ts";
import { keysOf, prefixesOf } from "../../../../src/core/records/batch/batch-records.ts";
import { applyUpdate } from "../../../../src/core/records/record.ts";
import type { Fields } from "../../../../src/core/records/record.ts";
import {
  isRemoved,
  removalEnded,
  removeAgain,
  removeBatch,
} from "../../../../src/core/records/batch/removed-batch.ts";

const ENDED: Fields = {
  generation: 1,
  job: "j",
  state: "succeeded",
  endedAt: 5,
  chunks: 3,
  params: { secret: 1 },
  input: { reader: "csv", options: { pick: ["secret"] }, sources: [{ name: "s3://secret", size: 1 }] },
  result: { result: { name: "batches/01A/result-secret.json", value: "secret" } },
  error: { code: "CANCELLED", message: "secret" },
  former: { state: "failed", error: { message: "secret" } },
  redrive: { codes: null, classes: ["secret"] },
  report: 1,
};

test("a removed batch has still ended, holds nothing of its user, and cannot be redriven", () => {
  const { applied, record } = applyUpdate(ENDED, removeBatch("01A", ENDED, 9));
  expect(applied).toBe(true);
  expect(isRemoved(ENDED)).toBe(false);
  expect(isRemoved(record ?? {})).toBe(true);
  expect(hasEnded(record ?? {})).toBe(true);
  expect(stateOf(record ?? {}, false)).toBe("succeeded");
  expect(JSON.stringify(record)).not.toContain("secret");
  expect(applyUpdate(record, redriveBatch("01A", ENDED, { short: false })).applied).toBe(false);
});

test("it is in the sweeper's list until its objects are gone", () => {
  const { record } = applyUpdate(ENDED, removeBatch("01A", ENDED, 9));
  expect(record?.["open"]).toBe("batch");
  const { record: done } = applyUpdate(record, removalEnded("01A"));
  expect(done?.["open"]).toBeUndefined();
  expect(applyUpdate(ENDED, removalEnded("01A")).applied).toBe(false);
});

test("it is in that list again for an object that was written late; a batch that is not removed is not", () => {
  const { record: removed } = applyUpdate(ENDED, removeBatch("01A", ENDED, 9));
  const { record: done } = applyUpdate(removed, removalEnded("01A"));
  expect(applyUpdate(done, removeAgain("01A")).record).toEqual(removed);
  expect(applyUpdate(ENDED, removeAgain("01A")).applied).toBe(false);
  expect(applyUpdate(null, removeAgain("01A")).applied).toBe(false);
});

test("a batch that runs, or was redriven since it was read, is not removed", () => {
  const { endedAt: _ended, ...running } = ENDED;
  expect(applyUpdate(running, removeBatch("01A", running, 9)).applied).toBe(false);
  expect(applyUpdate({ ...ENDED, generation: 2 }, removeBatch("01A", ENDED, 9)).applied).toBe(false);
  expect(applyUpdate(null, removeBatch("01A", ENDED, 9)).applied).toBe(false);
});

test("nodes are removed before the partials that they name, and both before the plan", () => {
  expect(prefixesOf("01A")).toEqual([
    "hedges/01A/",
    "node/01A/",
    "partial/01A/",
    "journal/01A/",
    "plan/01A/",
  ]);
  expect(keysOf("01A")).toEqual(["failures/01A", "sweep/01A", "in-flight/01A"]);
});
