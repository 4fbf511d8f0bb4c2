import { expect, test } from "vitest";
import { roughBytes } from "../../../src/runner/slots/rough-bytes.ts";

test.for<[string, unknown, atLeast: number, atMost: number]>([
  ["a number", 7, 64, 256],
  ["nothing", null, 64, 256],
  ["a long text", "x".repeat(1_000_000), 2_000_000, 2_001_000],
  ["bytes", new Uint8Array(1_000_000), 1_000_000, 1_001_000],
  ["a row", { country: "NL", amount: 12, note: "fine" }, 128, 1000],
  ["an array of texts", Array.from({ length: 1000 }, () => "x".repeat(1000)), 2_000_000, 2_200_000],
  ["texts in objects in an array", [{ a: { b: "x".repeat(1000) } }], 2000, 3000],
])("%s", ([, value, atLeast, atMost]) => {
  expect(roughBytes(value)).toBeGreaterThanOrEqual(atLeast);
  expect(roughBytes(value)).toBeLessThanOrEqual(atMost);
});

test("a value that refers to itself, or that throws when it is read, has a size", () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  expect(roughBytes(circle)).toBeGreaterThan(0);
  const trap = {
    get broken(): never {
      throw new Error("not readable");
    },
  };
  expect(roughBytes(trap)).toBeGreaterThan(0);
});
