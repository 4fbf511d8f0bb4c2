import { expect, test } from "vitest";
import { closingLineOf } from "./closing-line.ts";

test.for([
  ["5 passed, 0 failed\n", 0, "5 passed, 0 failed"],
  ["5 passed, 0 failed\n0 passed, 0 failed, 3 skipped\n", 0, "0 passed, 0 failed, 3 skipped"],
  ["4 passed, 1 failed\nand more\n", 1, "4 passed, 1 failed"],
  // All tests passed, but the run failed.
  ["5 passed, 0 failed\n", 1, "5 passed, 1 failed"],
  ["", null, "0 passed, 1 failed"],
  ["all 5 passed, 0 failed today", 0, "0 passed, 1 failed"],
] as const)("a run that prints %j and ends with %s counts as %s", ([printed, code, line]) => {
  expect(closingLineOf(printed, code)).toBe(line);
});
