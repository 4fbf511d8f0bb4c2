/**
 * How a text is split into records and fields: one `describe` for each line of the table in `docs/input.md`.
 */
import { describe, expect, test } from "vitest";
import { csv } from "../../../src/input/csv.ts";
import { jsonl } from "../../../src/input/jsonl.ts";
import { lines } from "../../../src/input/lines.ts";
import { pair, read, rows, saying } from "./policy-reading.ts";

describe("items", () => {
  test("CSV: objects of strings, by the header or given columns; JSONL: values; lines: texts", async () => {
    expect(await rows("1,2\n")).toEqual([pair("1", "2")]);
    expect(await read(csv({ columns: ["a", "b"] }), "1,2\n")).toEqual([pair("1", "2")]);
    const values = [...(await read(jsonl(), '{"a":[1]}\n"x"\n')), ...(await read(lines(), "a b\n"))];
    expect(values).toEqual([{ a: [1] }, "x", "a b"]);
  });
});

describe("blank lines", () => {
  test("CSV: skipped, also in files of one column", async () => {
    expect(await rows("\n1,2\n\r\n\n3,4\n\n")).toEqual([pair("1", "2"), pair("3", "4")]);
    expect(await read(csv(), 'a\n1\n\n""\n\n')).toEqual([{ a: "1" }, { a: "" }]);
  });
  test("CSV: a line of spaces is not blank", async () => {
    expect(await rows(" \n1,2\n")).toEqual([saying("has 1 field, the header has 2"), pair("1", "2")]);
  });
  test("JSONL: skipped", async () => {
    expect(await read(jsonl(), "\n1\n\r\n\n2\n\n")).toEqual([1, 2]);
  });
  test("JSONL: a line of spaces is not blank", async () => {
    expect(await read(jsonl(), "1\n  \n2\n")).toEqual([1, saying("is not JSON"), 2]);
  });
  test("lines: items", async () => {
    expect(await read(lines(), "\na\r\n\r\n\n")).toEqual(["", "a", "", ""]);
  });
});

describe("line ends", () => {
  test("a newline, with a carriage return before it or not, mixed; the last one may be missing", async () => {
    expect(await rows("1,2\r\n3,4\n5,6")).toEqual([pair("1", "2"), pair("3", "4"), pair("5", "6")]);
    expect(await read(jsonl(), "1\r\n2\n3")).toEqual([1, 2, 3]);
    expect(await read(lines(), "1\r\n2\n3")).toEqual(["1", "2", "3"]);
  });
});

describe("a carriage return elsewhere", () => {
  test("CSV and lines: data", async () => {
    expect(await rows("\r1,2\n3\r,\r4\n")).toEqual([pair("\r1", "2"), pair("3\r", "\r4")]);
    expect(await rows("1,2\r\r\n")).toEqual([pair("1", "2\r")]);
    expect(await read(lines(), "a\rb\r\r\n")).toEqual(["a\rb\r"]);
  });
  test("CSV: in a header it is refused, because all lines of the file may end with it", async () => {
    await expect(read(csv(), "a,b\r1,2\r")).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: saying("carriage return"),
    });
  });
  test("JSONL: white space, as JSON has it", async () => {
    expect(await read(jsonl(), '{"a":\r1}\n"\r"\n')).toEqual([{ a: 1 }, saying("is not JSON")]);
  });
});

describe("a source without a newline that carriage returns alone divide into three lines or more", () => {
  const bad = saying("its lines end with carriage returns alone");
  test("CSV: refused, or one unreadable record where there is no header", async () => {
    await expect(read(csv(), "a,b\r1,2\r3,4\r")).rejects.toThrow("a carriage return in it");
    expect(await read(csv({ columns: ["a", "b"] }), "1,2\r3,4\r5,6")).toEqual([bad]);
  });
  test("JSONL and lines: one unreadable record", async () => {
    expect(await read(jsonl(), "1\r2\r3")).toEqual([bad]);
    expect(await read(lines(), "a\rb\rc\r")).toEqual([bad]);
  });
  test("with fewer lines they are data, as they are beside a newline", async () => {
    expect(await read(lines(), "a\rb")).toEqual(["a\rb"]);
    expect(await read(lines(), "a\rb\rc\n")).toEqual(["a\rb\rc"]);
    expect(await read(csv({ columns: ["a"] }), "a\rb")).toEqual([{ a: "a\rb" }]);
  });
});

describe("too few or too many fields", () => {
  test("CSV: the record is unreadable, its neighbours are not affected", async () => {
    expect(await rows("1,2\n3\n4,5\n6,7,8\n9,10\n")).toEqual([
      pair("1", "2"),
      saying("has 1 field, the header has 2"),
      pair("4", "5"),
      saying("has 3 fields, the header has 2"),
      pair("9", "10"),
    ]);
  });
});

describe("a delimiter at the end of a row", () => {
  test("CSV: begins one more field", async () => {
    expect(await rows("1,\n1,2,\n")).toEqual([pair("1", ""), saying("has 3 fields")]);
    await expect(read(csv(), "a,b,\n")).rejects.toThrow("column 3 of 3 has no name");
  });
});

describe("white space around fields", () => {
  test("CSV: data, so that a quote after it is data too", async () => {
    expect(await rows(' 1 ,\t2\u00a0\n "3", 4"\n')).toEqual([pair(" 1 ", "\t2\u00a0"), pair(' "3"', ' 4"')]);
  });
  test("JSONL: not part of the value; lines: data", async () => {
    expect(await read(jsonl(), ' "a" \n')).toEqual(["a"]);
    expect(await read(lines(), " a \n")).toEqual([" a "]);
  });
});

describe("quotes", () => {
  test("CSV: open a field only at its beginning, and are data elsewhere; a doubled quote is one", async () => {
    expect(await rows('5" pipe,""\n"a ""b""","c,\n\nd"\n')).toEqual([
      pair('5" pipe', ""),
      pair('a "b"', "c,\n\nd"),
    ]);
  });
  test("CSV: text after a closing quote, white space too, makes the record unreadable", async () => {
    const bad = saying("has text after a closing quote");
    expect(await rows('"1"x,2\n3,4\n"5" ,6\n7,"8"\t\n9,10\n')).toEqual([
      bad,
      pair("3", "4"),
      bad,
      bad,
      pair("9", "10"),
    ]);
  });
  test("CSV: one that is never closed makes the rest of the source one unreadable record", async () => {
    expect(await rows('1,2\n"3,4\n5,6\n')).toEqual([
      pair("1", "2"),
      saying("has a quote that is never closed"),
    ]);
  });
  test("lines: data", async () => {
    expect(await read(lines(), '"a\nb"\n')).toEqual(['"a', 'b"']);
  });
});
