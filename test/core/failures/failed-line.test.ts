import { expect, test } from "vitest";
import { failedLineText, lastingFailure, parseFailedLine } from "../../../src/core/failures/failed-line.ts";
import type { FailedLine } from "../../../src/core/failures/failed-line.ts";

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

test("a line that an older fanjoin wrote is read: its error has no stack and no cause", () => {
  const old = `{"source":"a.csv","index":1,"line":2,"offset":9,"chunk":0,"attempts":1,"code":"ITEM_FAILED","error":{"name":"Error","message":"no"},"item":"x"}`;
  expect(parseFailedLine(old)).toMatchObject({ index: 1, error: { name: "Error", message: "no" } });
  expect(failedLineText(parseFailedLine(old))).toBe(old);
});

test.for<Partial<FailedLine>>([
  { lines: 1466, toEnd: true },
  { noRetry: true },
  { code: "CHUNK_FAILED", index: null, range: { start: 1, end: 5 } },
])("a line with %j is read as it was written", (more) => {
  expect(parseFailedLine(failedLineText({ ...LINE, ...more }))).toEqual({ ...LINE, ...more });
});

test.for([{ lines: -1 }, { lines: "2" }, { toEnd: 1 }, { noRetry: "yes" }, { range: { start: 1 } }])(
  "a line with %j is refused",
  (more) => {
    const line = JSON.stringify({ ...LINE, ...more });
    expect(() => parseFailedLine(line)).toThrow(expect.objectContaining({ code: "DIRECTORY_UNUSABLE" }));
  },
);

const deep = `${'{"name":"E","message":"","cause":'.repeat(10_000)}null${"}".repeat(10_000)}`;

test.for([
  `{"name":"E","message":"m","stack":"at x"}`,
  `{"name":"E","message":"m","stack":[1]}`,
  `{"name":"E","message":"m","cause":"c"}`,
  `{"name":"E","message":"m","errors":[{"name":"E"}]}`,
  deep,
])("a line whose error fanjoin did not write is refused: %#", (error) => {
  const line = failedLineText(LINE).replace(/"error":{[^}]*}/, () => `"error":${error}`);
  expect(() => parseFailedLine(line)).toThrow(expect.objectContaining({ code: "DIRECTORY_UNUSABLE" }));
});

test.for(["{ torn", "null", "{}", '{"error":null}', JSON.stringify({ ...LINE, error: { name: 1 } })])(
  "a line that fanjoin did not write is refused: %s",
  (line) => {
    expect(() => parseFailedLine(line)).toThrow(expect.objectContaining({ code: "DIRECTORY_UNUSABLE" }));
  },
);

test("a failure is the same whatever chunk it was in, and whatever its stack is", () => {
  const other = { ...LINE, chunk: 7, error: { ...LINE.error, stack: ["at x"] } };
  expect(lastingFailure(other)).toEqual(lastingFailure(LINE));
  expect(lastingFailure({ ...LINE, line: 3 })).not.toEqual(lastingFailure(LINE));
});
