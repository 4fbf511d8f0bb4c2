/**
 * Names of columns, and the values of records: one `describe` for each line of the table in `docs/input.md`.
 */
import { describe, expect, test } from "vitest";
import { csv } from "../../../src/input/csv.ts";
import { jsonl } from "../../../src/input/jsonl.ts";
import { lines } from "../../../src/input/lines.ts";
import { MANY, pair, read, rows, saying } from "./policy-reading.ts";

describe("names of columns", () => {
  const awkward = [
    "constructor",
    "toString",
    "hasOwnProperty",
    "valueOf",
    "then",
    "prototype",
    "a.b",
    "a[0]",
    "[0]",
    "0",
    "-1",
    " ",
    '"',
    "'",
    "`",
    "\\",
    '\\"',
    "${a}",
    "*/",
    "//",
    "\n",
    "\r\n",
    "\u2028",
    "\u2029",
    "\0",
    "ä",
    "😀",
    "\uD800",
    "__proto",
    "a b",
    '"]; throw 1; r["',
    "r[0]",
    "});process.exit(1);({",
  ];
  test.each(awkward)("CSV: %j is the name of an own property, in every kind of row", async (name) => {
    const reader = name === "\uD800" ? null : csv();
    const quoted = `"${name.replaceAll('"', '""')}",b\n`;
    const body = `1,2\n"3",4\n${"5,6\n".repeat(MANY)}"7""",8\n`;
    const given = csv({ columns: [name, "b"] });
    for (const values of [
      reader && (await read(reader, quoted + body, 65_536)),
      await read(given, body, 65_536),
    ]) {
      if (values === null) continue;
      const entries = values.map((value) =>
        Object.entries(value as object).map(([key, text]) => [key, text as unknown]),
      );
      const row = (a: string, b: string): unknown =>
        expect.arrayContaining([
          [name, a],
          ["b", b],
        ]);
      expect(entries).toEqual([
        row("1", "2"),
        row("3", "4"),
        ...Array.from({ length: MANY }, () => row("5", "6")),
        row('7"', "8"),
      ]);
      expect(entries.every((own) => own.length === 2)).toBe(true);
      expect(values.every((value) => Object.getPrototypeOf(value) === Object.prototype)).toBe(true);
    }
  });
  test.each([
    ["a,a\n1,2\n", 'two columns are named "a"', "[...]"],
    ["a,\n1,2\n", "column 2 of 2 has no name", '["a", "column2"]'],
    ["__proto__,b\n1,2\n", "a column cannot be named __proto__", "[...]"],
  ])("CSV: %j is refused with advice", async (text, problem, names) => {
    const code = "INPUT_INVALID";
    await expect(read(csv(), text)).rejects.toMatchObject({ code, message: saying(problem) });
    await expect(read(csv(), text)).rejects.toThrow(`csv({ columns: ${names}, header: true })`);
  });
  test("CSV: names are taken literally; case and white space count", async () => {
    expect(await read(csv(), "a,A, a\n1,2,3\n")).toEqual([{ a: "1", A: "2", " a": "3" }]);
  });
  test("JSONL: any key is an own property, __proto__ and constructor too", async () => {
    const [value] = await read(jsonl(), '{"__proto__":{"x":1},"constructor":2,"":3}\n');
    expect(Object.entries(value as object)).toEqual([
      ["__proto__", { x: 1 }],
      ["constructor", 2],
      ["", 3],
    ]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect((value as { x?: unknown }).x).toBeUndefined();
  });
  test("JSONL: if a key occurs twice, the last value counts", async () => {
    expect(await read(jsonl(), '{"a":1,"a":2}\n')).toEqual([{ a: 2 }]);
  });
});

describe("numbers", () => {
  test("CSV and lines: text, with every digit", async () => {
    expect(await rows("12345678901234567890,007\n")).toEqual([pair("12345678901234567890", "007")]);
  });
  test("JSONL: the nearest double", async () => {
    expect(await read(jsonl(), "12345678901234567890\n1e400\n-0\n")).toEqual([
      12345678901234567000,
      Infinity,
      -0,
    ]);
  });
});

describe("more or less than one value on a line", () => {
  test.each(['{"a":1}{"a":2}', "1 2", "[1],", '{"a":', '"abc', "NaN", "'a'", "// x", "{a:1}"])(
    "JSONL: %s is unreadable, its neighbours are not affected",
    async (line) => {
      expect(await read(jsonl(), `1\n${line}\n2\n`)).toEqual([1, saying("is not JSON ("), 2]);
      expect(await read(jsonl(), `1\n${line}`)).toEqual([1, saying("is not JSON (")]);
    },
  );
});

describe("comments", () => {
  test("CSV: data, unless csv({ comment }) names their first character; then skipped with their quotes", async () => {
    expect(await rows("#1,2\n")).toEqual([pair("#1", "2")]);
    expect(await rows("#1,2\n3,4\n", csv({ comment: "#" }))).toEqual([pair("3", "4")]);
    expect(await rows('#"1,2\n3,#4\n"#5",6\n #7,8\n#', csv({ comment: "#" }))).toEqual([
      pair("3", "#4"),
      pair("#5", "6"),
      pair(" #7", "8"),
    ]);
  });
  test("JSONL: unreadable; lines: data", async () => {
    expect(await read(jsonl(), "# x\n1\n")).toEqual([saying("is not JSON"), 1]);
    expect(await read(lines(), "# x\n")).toEqual(["# x"]);
  });
});
