import { expect, test } from "vitest";
import { failedLineText, parseFailedLine } from "../../src/core/failed-line.ts";
import type { FailedLine } from "../../src/core/failed-line.ts";

const LINE: FailedLine = {
  source: "a.csv",
  index: null,
  line: 2,
  offset: 9,
  chunk: 0,
  attempts: 1,
  code: "ITEM_FAILED",
  error: { name: "Error", message: "no" },
  item: "x",
};

test("a line is read as it was written", () => {
  expect(parseFailedLine(failedLineText(LINE))).toEqual(LINE);
});

test.for(["{ torn", "null", "{}", '{"error":null}', JSON.stringify({ ...LINE, error: { name: 1 } })])(
  "a line that fanjoin did not write is refused: %s",
  (line) => {
    expect(() => parseFailedLine(line)).toThrow(expect.objectContaining({ code: "DIRECTORY_UNUSABLE" }));
  },
);
