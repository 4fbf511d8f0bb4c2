import { expect, test } from "vitest";
import { openBatch } from "../../../../src/core/records/batch/batch.ts";
import { ownBatch, ownerOf } from "../../../../src/core/records/batch/owner.ts";
import { applyUpdate } from "../../../../src/core/records/record.ts";

const { record: open } = applyUpdate(null, openBatch("01A", { job: "j" }));

test("the record of a batch names its newest owner, until it has ended", () => {
  expect(ownerOf(open ?? {})).toBeNull();
  const { record: owned } = applyUpdate(open, ownBatch("01A", "1 now"));
  const { record: taken } = applyUpdate(owned, ownBatch("01A", "2 later"));
  expect(ownerOf(taken ?? {})).toBe("2 later");
  expect(applyUpdate({ ...taken, endedAt: 1 }, ownBatch("01A", "3")).applied).toBe(false);
  expect(applyUpdate(null, ownBatch("01A", "3")).applied).toBe(false);
});
