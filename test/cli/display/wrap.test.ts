import * as fc from "fast-check";
import { expect, test } from "vitest";
import { wrapped, wrappedWords } from "../../../src/cli/display/wrap.ts";

test("lines are broken between words", () => {
  expect(wrapped("the item has to change, or the job", 20)).toEqual([
    "the item has to",
    "change, or the job",
  ]);
  expect(wrapped("exactly twenty chars and", 20)).toEqual(["exactly twenty chars", "and"]);
  expect(wrapped("", 20)).toEqual([""]);
});

test("a word that fits on no line is broken within", () => {
  expect(wrapped(`${"x".repeat(25)} y`, 20)).toEqual(["x".repeat(20), "xxxxx y"]);
});

test("nothing is lost, and no line is too long", () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^([a-z]{1,40} ){0,20}[a-z]{1,40}$/),
      fc.integer({ min: 16, max: 90 }),
      (text, width) => {
        const lines = wrapped(text, width);
        expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
      },
    ),
  );
});

test("a terminal without a sensible width gets lines that can be read", () => {
  expect(wrapped("the item has to change", -3)).toEqual(["the item has to", "change"]);
});

test("words of facts stay whole, and colours count no width", () => {
  const path = "/a/path/that/is/longer/than/the/line";
  expect(wrappedWords(`the result is ${path} now`, 16)).toEqual(["the result is", path, "now"]);
  const red = (text: string): string => `\u001b[31m${text}\u001b[39m`;
  expect(wrappedWords(`${red("one")} two ${red("three")}`, 8)).toEqual([`${red("one")} two`, red("three")]);
  expect(wrappedWords("short\nand longer than that", 10)).toEqual(["short", "and longer", "than that"]);
});
