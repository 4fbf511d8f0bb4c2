import { expect, test } from "vitest";
import { keepPartial, parsePartial, partialKey } from "../../../src/core/records/contribution.ts";
import { applyUpdate } from "../../../src/core/records/record.ts";

test.for([
  { text: "{}" },
  { name: "a/b", offset: 0, length: 7 },
  { name: "a", offset: 1, length: 2, crc: 0 },
])("a partial is kept once, and read as it was written: %j", (body) => {
  const update = keepPartial("b", "tag", body);
  const { record } = applyUpdate(null, update);
  expect(update.key).toBe(partialKey("b", "tag"));
  expect(parsePartial(update.key, record)).toEqual(body);
  expect(applyUpdate(record, keepPartial("b", "tag", { text: "other" })).applied).toBe(false);
});

test("a partial that is missing is an error, never an empty value", () => {
  expect(() => parsePartial("partial/b/tag", null)).toThrow("partial/b/tag");
  expect(() => parsePartial("partial/b/tag", { name: "a/b" })).toThrow("missing");
  expect(() => parsePartial("partial/b/tag", { name: "a/b", offset: 1 })).toThrow("missing");
});
