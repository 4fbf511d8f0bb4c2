import { describe, expect, test } from "vitest";
import { failedLineText, parseFailedLine } from "../../../src/core/failures/failed-line.ts";
import { failedItem, failedItems } from "../../../src/runner/contribution/failed-items.ts";
import { memoryStore } from "../../../src/testing/memory/store.ts";

const FAILURE = { code: "ITEM_FAILED", error: { name: "TypeError", message: "x" } } as const;
const PLACE = { index: 3, line: 4, offset: 50, chunk: 2, attempts: 1, key: 3, raw: "raw" };
const MAX = 8192;

const lineOf = (...parts: Parameters<typeof failedItem>): string => failedLineText(failedItem(...parts));

describe("the line of a failed item", () => {
  const itemOf = (raw: string): string =>
    parseFailedLine(lineOf(FAILURE, { ...PLACE, raw }, "in")).item ?? "";

  test("has its place, its error and its raw text", () => {
    expect(parseFailedLine(lineOf(FAILURE, PLACE, "in.csv"))).toEqual({
      source: "in.csv",
      index: 3,
      line: 4,
      offset: 50,
      chunk: 2,
      attempts: 1,
      code: "ITEM_FAILED",
      error: { name: "TypeError", message: "x" },
      item: "raw",
    });
  });

  test("names the item's own source, if it has one", () => {
    const line = lineOf(FAILURE, { ...PLACE, source: "a.txt" }, "files");
    expect(parseFailedLine(line).source).toBe("a.txt");
  });

  test("says how many lines the item has, that it takes in the rest, and that no retry was allowed", () => {
    const place = { ...PLACE, lines: 12, toEnd: true } as const;
    const line = lineOf({ ...FAILURE, noRetry: true }, place, "in.csv");
    expect(parseFailedLine(line)).toMatchObject({ lines: 12, toEnd: true, noRetry: true });
  });

  test("has up to 8 KiB of the raw text, and cuts no character", () => {
    expect(itemOf("x".repeat(MAX))).toBe("x".repeat(MAX));
    expect(itemOf("x".repeat(MAX + 1))).toBe("x".repeat(MAX));
    expect(itemOf("é".repeat(MAX / 2))).toBe("é".repeat(MAX / 2));
    expect(itemOf(`x${"é".repeat(MAX / 2)}`)).toBe(`x${"é".repeat(MAX / 2 - 1)}`);
    expect(itemOf(`${"x".repeat(MAX - 3)}😀`)).toBe("x".repeat(MAX - 3));
    expect(itemOf(`${"x".repeat(MAX - 4)}😀!`)).toBe(`${"x".repeat(MAX - 4)}😀`);
  });
});

test("a redrive wants the failed items that its filter matches, in the order of all pieces", async () => {
  const store = memoryStore();
  const late = { ...FAILURE, code: "ITEM_TIMEOUT" } as const;
  const lines = [
    lineOf(FAILURE, { ...PLACE, index: 1, attempts: 3 }, "in"),
    lineOf(late, { ...PLACE, index: 5, attempts: 2 }, "in"),
  ];
  const base = { items: 0, lines: 0, anchored: false };
  const pieces = lines.map((line) => ({ piece: { text: `${line}\n` }, base }));
  expect(await failedItems(store, pieces, { codes: ["ITEM_TIMEOUT"], classes: null })).toEqual([
    { line: lines[0], index: 1, attempts: 3, wanted: false },
    { line: lines[1], index: 5, attempts: 2, wanted: true },
  ]);
  expect((await failedItems(store, pieces, undefined)).map(({ wanted }) => wanted)).toEqual([true, true]);
});
