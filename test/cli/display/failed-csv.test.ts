import { expect, test } from "vitest";
import { csvRow } from "../../../src/cli/display/failed-csv.ts";

test.for<[string | number | null, string]>([
  ["plain", "plain"],
  ["a,b", '"a,b"'],
  ['say "no"', '"say ""no"""'],
  ["two\nlines", '"two\nlines"'],
  ["two\r\nlines", '"two\r\nlines"'],
  [12, "12"],
  [-5, "-5"],
  [null, ""],
  ["", ""],
])("%j is written as %j", ([cell, text]) => {
  expect(csvRow([cell])).toBe(text);
});

test.for(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])(
  "a text that a spreadsheet would compute is kept as a text: %j",
  (text) => {
    expect(csvRow([text]).replace(/^"/, "")).toMatch(/^'/);
  },
);

test("a formula behind a quote or a comma is within its cell", () => {
  expect(csvRow(['x",=1', "y"])).toBe('"x"",=1",y');
});
