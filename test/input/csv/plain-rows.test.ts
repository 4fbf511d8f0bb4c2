import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { plainRowsCode } from "../../../build/plain-rows.ts";
import { ROOT } from "../../../build/root.ts";
import { PlainRows } from "../../../src/input/csv/plain-rows.ts";
import { rowShape } from "../../../src/input/csv/row-shape.ts";
import type { Row } from "../../../src/input/csv/row-shape.ts";
import { RowSplitter } from "../../../src/input/csv/row-splitter.ts";

const FORMAT = { delimiter: ",", quote: '"', comment: "#" };

const named = (columns: number): string[] => Array.from({ length: columns }, (_, n) => `c${n}`);

/** The plain rows from the beginning on, and where they end in the text. */
function plainRows(text: string, columns: number, format = FORMAT): { rows: Row[]; end: number } {
  const rows: Row[] = [];
  const shape = rowShape(named(columns), named(columns), format);
  return { rows, end: new PlainRows(text, Buffer.from(text), shape).addTo(rows, 0) };
}

/** The same, record by record. */
function walked(text: string, columns: number): { rows: Row[]; end: number } {
  const rows: Row[] = [];
  const shape = rowShape(named(columns), named(columns), FORMAT);
  const splitter = new RowSplitter(text, shape);
  let at = 0;
  while (at < text.length && splitter.skip(at) === at) {
    const { fields, count, end } = splitter.walk(at);
    const line = text.slice(at, end);
    if (count !== columns || line.includes('"') || !line.endsWith("\n")) break;
    rows.push(shape.ofFields(fields));
    at = end;
  }
  return { rows, end: at };
}

const SIGNS = [
  "a",
  "b",
  "é",
  "€",
  "😀",
  "\u0000",
  "\u007f",
  "\uffff",
  " ",
  ",",
  ",",
  ",",
  "\n",
  "\n",
  "\r\n",
  "\r",
];

test("rows of any characters, cut at any place of sixteen bytes, are those of a walk", () => {
  const text = fc
    .array(fc.oneof({ weight: 60, arbitrary: fc.constantFrom(...SIGNS) }, fc.constantFrom('"', "#")), {
      maxLength: 150,
    })
    .map((signs) => signs.join(""));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 4 }), (any, columns) => {
      // Mostly many rows: each line gets or loses fields until it has as many as there are columns.
      const fitting = any
        .split("\n")
        .map((line) => [...line.split(","), "x", "x", "x"].slice(0, columns).join(","))
        .join("\n");
      for (const one of [any, fitting]) expect(plainRows(one, columns)).toEqual(walked(one, columns));
    }),
    { numRuns: 3000 },
  );
});

test("rows go on after another record, and where the bytes that are looked at together end within a row", () => {
  const wide = (n: number): string => `${n},${"é".repeat(n % 700)},😀${n}\n`;
  const text = Array.from({ length: 2000 }, (_, n) => wide(n)).join("");
  expect(Buffer.byteLength(text)).toBeGreaterThan(1_000_000);
  const { rows, end } = plainRows(text, 3);
  expect(end).toBe(text.length);
  expect(rows).toEqual(
    Array.from({ length: 2000 }, (_, n) => ({ c0: `${n}`, c1: "é".repeat(n % 700), c2: `😀${n}` })),
  );
});

test("a row that is longer than what is looked at together is left to a walk, and the next one is not", () => {
  const text = `a,b\nc,${"é".repeat(100_000)}\nd,e\n`;
  const shape = rowShape(named(2), named(2), FORMAT);
  const plain = new PlainRows(text, Buffer.from(text), shape);
  const rows: Row[] = [];
  expect(plain.addTo(rows, 0)).toBe(4);
  const next = text.length - 4;
  expect(plain.addTo(rows, next)).toBe(text.length);
  expect(rows).toEqual([
    { c0: "a", c1: "b" },
    { c0: "d", c1: "e" },
  ]);
});

test("more fields than there is room for at once are found in turn, and of too many columns none", () => {
  const columns = 2000;
  const text = `${",".repeat(columns - 1)}\n`.repeat(50);
  expect(plainRows(text, columns).rows).toHaveLength(50);
  const shape = rowShape(named(120_000), ["c0"], FORMAT);
  const wide = `${",".repeat(119_999)}\n`;
  expect(new PlainRows(wide, Buffer.from(wide), shape).addTo([], 0)).toBe(0);
  expect(plainRows("a\n", 0)).toEqual({ rows: [], end: 0 });
  // The cuts of so many fields would not fit.
  expect(plainRows(`${",".repeat(100_000)}\n`, 1)).toEqual({ rows: [], end: 0 });
});

test("without quotes and comments their characters are text", () => {
  const format = { delimiter: "\t", quote: null, comment: null } as never;
  expect(plainRows('#a\t"b\n', 2, format)).toEqual({ rows: [{ c0: "#a", c1: '"b' }], end: 6 });
});

test("the code is that of its source: `node build/plain-rows.ts` compiles it", async () => {
  const file = join(ROOT, "src/input/csv/plain-rows-code.ts");
  expect(readFileSync(file, "utf8")).toBe(await plainRowsCode());
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test("in a process that may not have the memory, all rows are walked", async () => {
  function Instance(): never {
    throw new RangeError("WebAssembly.Instance(): Out of memory");
  }
  vi.stubGlobal("WebAssembly", { Module: WebAssembly.Module, Instance });
  vi.resetModules();
  const { parsePiece } = await import("../../../src/input/csv/csv-piece.ts");
  const shape = rowShape(["a", "b"], ["b"], FORMAT);
  const table = { columns: ["a", "b"], named: false, format: FORMAT, start: 0, startLine: 0, shape };
  const bytes = Buffer.from("1,é\n2,3\n");
  const piece = parsePiece({ offset: 0, bytes, last: true, most: false }, table);
  expect(piece).toMatchObject({ values: [{ b: "é" }, { b: "3" }], lines: 2, consumed: bytes.length });
});
