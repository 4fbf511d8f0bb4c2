import { expect, test } from "vitest";
import { matches } from "../../../src/core/failures/redrive-filter.ts";

const failed = { code: "ITEM_FAILED", error: { name: "TypeError", message: "x" } } as const;

test("without a filter every failed item is done again", () => {
  expect(matches(undefined, failed)).toBe(true);
  expect(matches({ codes: null, classes: null }, failed)).toBe(true);
});

test("a filter wants one of its codes", () => {
  expect(matches({ codes: ["ITEM_TIMEOUT", "ITEM_FAILED"], classes: null }, failed)).toBe(true);
  expect(matches({ codes: ["ITEM_TIMEOUT"], classes: null }, failed)).toBe(false);
});

test("a filter wants one of its classes", () => {
  expect(matches({ codes: null, classes: ["Error", "TypeError"] }, failed)).toBe(true);
  expect(matches({ codes: null, classes: ["Error"] }, failed)).toBe(false);
});

test("a filter with codes and classes wants both", () => {
  expect(matches({ codes: ["ITEM_FAILED"], classes: ["TypeError"] }, failed)).toBe(true);
  expect(matches({ codes: ["ITEM_FAILED"], classes: ["Error"] }, failed)).toBe(false);
  expect(matches({ codes: ["ITEM_TIMEOUT"], classes: ["TypeError"] }, failed)).toBe(false);
});
