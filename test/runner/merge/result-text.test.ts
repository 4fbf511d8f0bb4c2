import { assert, integer, jsonValue, property } from "fast-check";
import { expect, test } from "vitest";
import { resultText } from "../../../src/runner/merge/result-text.ts";

test("a result is indented up to 64 KiB, and on one line above", () => {
  assert(
    property(jsonValue({ maxDepth: 6 }), integer({ min: 0, max: 3000 }), (value, repeats) => {
      const result = Array.from({ length: repeats }, () => value);
      const indented = JSON.stringify(result, null, 2);
      expect(resultText(result)).toBe(indented.length > 64 * 1024 ? JSON.stringify(result) : indented);
    }),
    { numRuns: 100 },
  );
});

test("deep nesting does not make a result many times as long as it is", () => {
  let nested: unknown = 1;
  for (let depth = 0; depth < 3000; depth++) nested = [nested];
  expect(resultText(nested)).toHaveLength(6001);
});
