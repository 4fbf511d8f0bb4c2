import { describe, expect, test } from "vitest";
import {
  MAX_DEPTH,
  describedError,
  errorText,
  fullText,
  messageText,
  placeText,
} from "../../../src/core/errors/described-error.ts";
import type { DescribedError } from "../../../src/core/errors/described-error.ts";

const error = (message: string, more: Partial<DescribedError> = {}): DescribedError => {
  return { name: "TypeError", message, ...more };
};

/** An error with so many causes, one within the other. */
const nested = (depth: number): DescribedError =>
  depth === 0 ? error("root") : error("outer", { cause: nested(depth - 1) });

describe("a stored error", () => {
  test("may have a name and a message only, or everything", () => {
    expect(describedError({ name: "Error", message: "no" })).toBeNull();
    const all = { code: "E", stack: ["f (job.ts:1:2)"], cause: error("why"), errors: [error("one")] };
    expect(describedError(error("no", all))).toBeNull();
  });

  test.for<[unknown, string]>([
    [{ message: "no" }, ".name"],
    [{ name: "Error" }, ".message"],
    [error("no", { code: 1 as unknown as string }), ".code"],
    [error("no", { stack: [1 as unknown as string] }), ".stack[0]"],
    [error("no", { cause: { name: "Error" } as DescribedError }), ".cause.message"],
    [error("no", { errors: [error("one"), { name: "Error" } as DescribedError] }), ".errors[1].message"],
  ])("of another form is refused with its place: %j", ([value, place]) => {
    expect(describedError(value)).toBe(place);
  });

  test("is never deeper than errors are described", () => {
    expect(describedError(nested(MAX_DEPTH))).toBeNull();
    expect(describedError(nested(MAX_DEPTH + 1))).toBe(".cause".repeat(MAX_DEPTH + 1));
  });
});

describe("the text of an error", () => {
  test.for<[DescribedError, string]>([
    [error("no"), "TypeError: no"],
    [error("", { code: "E1" }), "TypeError [E1]"],
    [error(""), "TypeError"],
    [error("no", { code: "E1" }), "TypeError: no [E1]"],
    [error("E1 no", { code: "E1" }), "TypeError: E1 no"],
    [{ name: "string", message: "no" }, "no"],
    [
      error("no", { cause: error("why", { cause: error("root") }) }),
      "TypeError: no, cause: TypeError: why, cause: TypeError: root",
    ],
    [error("all", { errors: [error("a"), error("b")] }), "TypeError: all (TypeError: a; TypeError: b)"],
  ])("of %j is %j", ([described, text]) => {
    expect(errorText(described)).toBe(text);
  });

  test.for(["Error", "ValidationError", "UnreadableError", "FanjoinError", "CrashError"])(
    "leaves out the name %s, which says nothing",
    (name) => {
      expect(errorText({ name, message: "no" })).toBe("no");
    },
  );
});

test("the message of an error has its causes and its code, and leaves out its own class", () => {
  const cause = error("why", { code: "E1" });
  expect(messageText(error("no", { code: "E2", cause }))).toBe("no [E2], cause: TypeError: why [E1]");
  expect(messageText(error("", { code: "E2", errors: [error("one")] }))).toBe("[E2] (TypeError: one)");
  expect(messageText(error(""))).toBe("");
});

describe("the place of an error", () => {
  test("is its first frame, or that of its causes, or of the errors it stands for", () => {
    expect(placeText(error("no", { stack: ["a", "b"], cause: error("why", { stack: ["c"] }) }))).toBe("a");
    expect(placeText(error("no", { cause: error("why", { cause: error("root", { stack: ["c"] }) }) }))).toBe(
      "c",
    );
    expect(placeText(error("no", { errors: [error("one"), error("two", { stack: ["d"] })] }))).toBe("d");
    expect(placeText(error("no", { cause: error("why"), errors: [error("one", { stack: ["e"] })] }))).toBe(
      "e",
    );
    expect(placeText(error("no"))).toBe("");
  });

  test("follows the text, which is cut where it is long", () => {
    expect(fullText(error("no", { stack: ["f (job.ts:1:2)"] }))).toBe("TypeError: no, at f (job.ts:1:2)");
    expect(fullText(error("no"))).toBe("TypeError: no");
    const [fits, long] = [8192, 8193].map((length) => error("x".repeat(length - "TypeError: ".length)));
    expect(fits && fullText(fits)).toHaveLength(8192);
    expect(long && fullText(long)).toMatch(/^TypeError: x+…$/);
    expect(long && fullText(long)).toHaveLength(8193);
  });
});
