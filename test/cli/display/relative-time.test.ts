import { expect, test } from "vitest";
import { ago } from "../../../src/cli/display/relative-time.ts";

const NOW = Date.parse("2026-11-29T12:00:00.000Z");
const SECOND = 1000;
const DAY = 24 * 3600 * SECOND;

test.for([
  [0, "now"],
  [999, "now"],
  [-5 * SECOND, "now"],
  [SECOND, "1 s ago"],
  [59 * SECOND, "59 s ago"],
  [60 * SECOND, "1 min ago"],
  [3 * 60 * SECOND, "3 min ago"],
  [3600 * SECOND - 1, "59 min ago"],
  [3600 * SECOND, "1 h ago"],
  [DAY - 1, "23 h ago"],
  [DAY, "1 d ago"],
  [30 * DAY, "30 d ago"],
  [31 * DAY, "2026-10-29"],
] as const)("%i ms ago is %s", ([ms, text]) => {
  expect(ago(NOW - ms, NOW)).toBe(text);
});
