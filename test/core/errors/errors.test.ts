import { expect, test } from "vitest";
import { FanjoinError, reasonOf, namesText } from "../../../src/core/errors/errors.ts";

test("an error names its class, and its code says whether the same thing may succeed later", () => {
  const cause = new Error("EACCES");
  const error = new FanjoinError("DIRECTORY_UNUSABLE", "cannot write", { cause });
  expect(String(error)).toBe("FanjoinError: cannot write");
  expect(error).toMatchObject({ code: "DIRECTORY_UNUSABLE", retryable: false, cause });
  expect(new FanjoinError("DIRECTORY_IN_USE", "busy").retryable).toBe(true);
});

test("the reason of an error is its message, of anything else its text", () => {
  expect(reasonOf(new TypeError("x is not a function"))).toBe("x is not a function");
  expect(reasonOf("why not")).toBe("why not");
  expect(reasonOf(null)).toBe("null");
});

test("names in a message are quoted, long ones are cut, and of many only the first are shown", () => {
  expect(namesText(["a", 'b"'], 2)).toBe('"a", "b\\""');
  expect(namesText(["a", "b", "c"], 1)).toBe('"a" and 2 more');
  expect(namesText(["x".repeat(60), "y".repeat(61)], 5)).toBe(`"${"x".repeat(60)}", "${"y".repeat(60)}…"`);
});
