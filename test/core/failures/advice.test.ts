import { expect, test } from "vitest";
import { adviceFor } from "../../../src/core/failures/advice.ts";
import type { AdviceFacts } from "../../../src/core/failures/advice.ts";

const MUST_CHANGE = "the item has to change, or the job";

test.for<[AdviceFacts["code"], Partial<AdviceFacts>, string]>([
  ["ITEM_FAILED", { retried: true }, "trying again may help"],
  ["ITEM_FAILED", {}, "the job does not retry this"],
  ["ITEM_TIMEOUT", { retried: true }, "trying again may help"],
  ["ITEM_INVALID", { retried: true }, MUST_CHANGE],
  ["ITEM_NOT_JSON", {}, MUST_CHANGE],
  ["JOIN_FAILED", {}, MUST_CHANGE],
  ["ITEM_UNREADABLE", {}, MUST_CHANGE],
  ["ITEM_UNREADABLE", { toEnd: true }, "the rest of the file was not read as rows"],
  ["INPUT_INVALID", { toEnd: true }, "the rest of the file was not read"],
  ["INPUT_INVALID", {}, "the input has to change"],
  ["ITEM_CRASHED", {}, "it ended the process that ran it"],
  ["CHUNK_FAILED", { retried: true }, "the range is listed; its items were not tried one by one"],
  ["OF_A_LATER_VERSION" as never, { retried: true }, MUST_CHANGE],
])("the advice for %s with %j is %j", ([code, facts, advice]) => {
  expect(adviceFor({ code, toEnd: false, retried: false, ...facts })).toBe(advice);
});
