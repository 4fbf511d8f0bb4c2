/**
 * What each format makes of every kind of input: one `describe` for each line of the table in
 * `docs/input.md`, in its order.
 */
import { describe, expect, test } from "vitest";
import { csv } from "../../src/input/csv.ts";
import { jsonl } from "../../src/input/jsonl.ts";
import { lines } from "../../src/input/lines.ts";
import type { Reader } from "../../src/input/reader.ts";

import { bytesStore, sourceOf } from "./bytes-store.ts";
import { large, MEGABYTE } from "./large-store.ts";
import { readAll } from "./reading.ts";

const MARK = "\uFEFF";
/** Rows for CSV that are long enough to be parsed by the faster of its two ways. */
const MANY = 300;

type Text = string | Buffer;

/** Values of items, or why there is none. */
async function read(reader: Reader, text: Text, blockBytes = 7): Promise<unknown[]> {
  const bytes = Buffer.from(text);
  const chunks = await readAll(reader, sourceOf("f", bytes), bytesStore({ f: bytes }, blockBytes));
  return chunks.flatMap(({ items }) => items.map((item) => item.value ?? item.unreadable?.message));
}

/** The rows of columns a and b in this text: the same alone and among many others, after a quoted one too. */
async function rows(body: string, reader: Reader = csv()): Promise<unknown[]> {
  const alone = await read(reader, `a,b\n${body}`);
  const others = { before: "x,y\n".repeat(MANY), quoted: '"x",y\n' };
  const among = await read(reader, `a,b\n${others.before}${body}`, 65_536);
  expect(among.slice(MANY)).toEqual(alone);
  expect((await read(reader, `a,b\n${others.quoted}${body}`)).slice(1)).toEqual(alone);
  return alone;
}

const pair = (a: string, b: string): object => ({ a, b });
const saying = (text: string): unknown => expect.stringContaining(text);

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
  test("CSV: in a header it is refused, because the whole file may end its lines so", async () => {
    await expect(read(csv(), "a,b\r1,2\r")).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: saying("carriage return"),
    });
  });
  test("JSONL: white space, as JSON has it", async () => {
    expect(await read(jsonl(), '{"a":\r1}\n"\r"\n')).toEqual([{ a: 1 }, saying("is not JSON")]);
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
  test("CSV: open a field at its beginning only, and are data elsewhere; doubled they are one", async () => {
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
  test.each(awkward)("CSV: %j is the name of an own property, on every path", async (name) => {
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
    ["a,a\n1,2\n", 'two columns are named "a"'],
    ["a,\n1,2\n", "column 2 of 2 has no name"],
    ["__proto__,b\n1,2\n", "a column cannot be named __proto__"],
  ])("CSV: %j is refused, with what to do", async (text, problem) => {
    const code = "INPUT_INVALID";
    await expect(read(csv(), text)).rejects.toMatchObject({ code, message: saying(problem) });
    await expect(read(csv(), text)).rejects.toThrow("csv({ columns: [...] })");
  });
  test("CSV: names are taken as they stand, different in case or white space they are different", async () => {
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
  test("JSONL: of a key that is there twice the last value counts", async () => {
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
  test("CSV: data, unless csv({ comment }) says what they begin with; then skipped, quotes in them too", async () => {
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

describe("NUL and other control characters", () => {
  test("CSV and lines: data", async () => {
    expect(await rows('\0,\u0001\n"\0",\u001b\n')).toEqual([pair("\0", "\u0001"), pair("\0", "\u001b")]);
    expect(await read(lines(), "\0\n")).toEqual(["\0"]);
  });
  test("JSONL: unreadable, escaped ones are data", async () => {
    expect(await read(jsonl(), String.raw`"${"\0"}"` + '\n"\\u0000"\n')).toEqual([
      saying("is not JSON"),
      "\0",
    ]);
  });
});

describe("bytes that are not UTF-8", () => {
  test.each<[string, Reader, string, string, unknown, unknown]>([
    ["CSV", csv(), "a,b\n1,2\n", "\xfc,2\n3,4\n", pair("1", "2"), pair("3", "4")],
    ["JSONL", jsonl(), "1\n", '"\xfc"\n2\n', 1, 2],
    ["lines", lines(), "1\n", "\xfc\n2\n", "1", "2"],
  ])(
    "%s: the record is unreadable, never replaced in silence",
    async (_, reader, before, after, first, last) => {
      const text = Buffer.concat([Buffer.from(before), Buffer.from(after, "latin1")]);
      expect(await read(reader, text)).toEqual([first, saying("is not valid UTF-8"), last]);
    },
  );
  test.each(["\xed\xa0\x80", "\xc0\x80", "\xf4\x90\x80\x80"])(
    "nor are encoded surrogates, overlong forms, and what is beyond Unicode",
    async (bytes) => {
      expect(await read(lines(), Buffer.from(`${bytes}\n`, "latin1"))).toEqual([
        saying("is not valid UTF-8"),
      ]);
    },
  );
  test("CSV: a header is refused", async () => {
    await expect(read(csv(), Buffer.from("\xfc,b\n1,2\n", "latin1"))).rejects.toThrow(
      "it is not valid UTF-8",
    );
  });
  test("JSONL: half a surrogate pair that is escaped is data", async () => {
    expect(await read(jsonl(), String.raw`"\ud83d"` + "\n")).toEqual(["\ud83d"]);
  });
});

describe("a byte order mark", () => {
  test("is skipped at the beginning of a source", async () => {
    expect(await read(csv(), `${MARK}a,b\n1,2\n`)).toEqual([pair("1", "2")]);
    expect(await read(csv({ columns: ["a"] }), `${MARK}1\n`)).toEqual([{ a: "1" }]);
    expect(await read(jsonl(), `${MARK}1\n`)).toEqual([1]);
    expect(await read(lines(), `${MARK}1\n`)).toEqual(["1"]);
  });
  test("CSV and lines: elsewhere it is data", async () => {
    expect(await rows(`${MARK}1,${MARK}\n`)).toEqual([pair(`${MARK}1`, MARK)]);
    expect(await read(csv(), `${MARK}${MARK}a,b\n1,2\n`)).toEqual([{ [`${MARK}a`]: "1", b: "2" }]);
    expect(await read(lines(), `a\n${MARK}b\n`)).toEqual(["a", `${MARK}b`]);
  });
  test("JSONL: elsewhere it is no JSON, in strings it is data", async () => {
    expect(await read(jsonl(), `1\n${MARK}2\n"${MARK}"\n`)).toEqual([1, saying("is not JSON"), MARK]);
  });
});

describe("a record of more than 64 MiB", () => {
  test("one of exactly 64 MiB with its newline is read", async () => {
    const line = Buffer.concat([Buffer.alloc(64 * MEGABYTE.length - 1, "y"), Buffer.from("\nz\n")]);
    const store = bytesStore({ f: line }, 100_000);
    const [chunk] = await readAll(lines(), sourceOf("f", line), store, { bytes: line.length, items: null });
    expect(chunk?.items.map((item) => item.unreadable)).toEqual([null, null]);
    const longer = Buffer.concat([Buffer.from("y"), line]);
    const [more] = await readAll(lines(), sourceOf("f", longer), bytesStore({ f: longer }, 100_000), {
      bytes: longer.length,
      items: null,
    });
    expect(more?.items.map((item) => item.unreadable === null)).toEqual([false, true]);
  });

  test.each<[string, Reader, string, string, unknown[]]>([
    [
      "CSV",
      csv(),
      "a,b\n1,2\n",
      ",y\n3,4\n",
      [pair("1", "2"), saying("is longer than 64 MiB (is a quote never closed?)"), pair("3", "4")],
    ],
    [
      "CSV in quotes with a newline",
      csv(),
      'a,b\n1,2\n"\n',
      '",y\n3,4\n',
      [pair("1", "2"), saying("is longer than 64 MiB"), pair("3", "4")],
    ],
    [
      "CSV without a last newline",
      csv(),
      "a,b\n1,2\n",
      "",
      [pair("1", "2"), saying("is longer than 64 MiB")],
    ],
    [
      "a quote that is never closed",
      csv(),
      'a,b\n1,2\n"\n',
      "\n,y\n3,4\n",
      [pair("1", "2"), saying("is longer than 64 MiB")],
    ],
    [
      "CSV in quotes",
      csv(),
      'a,b\n1,2\n"',
      '",y\n3,4\n',
      [pair("1", "2"), saying("is longer than 64 MiB"), pair("3", "4")],
    ],
    ["a comment in CSV", csv({ comment: "#" }), "a,b\n1,2\n#", "\n3,4\n", [pair("1", "2"), pair("3", "4")]],
    ["JSONL", jsonl(), '1\n"', '"\n2\n', [1, saying("is longer than 64 MiB: "), 2]],
    ["lines", lines(), "1\n", "\n2\n", ["1", saying("is longer than 64 MiB: "), "2"]],
  ])(
    "%s: is passed without being held, its neighbours are read",
    async (_, reader, before, after, expected) => {
      const { store, size } = large(before, after);
      const whole = { bytes: Number.MAX_SAFE_INTEGER, items: null };
      const source = { name: "f", label: "f", size, version: "1" };
      const [chunk] = await readAll(reader, source, store, whole);
      expect(chunk?.items.map((item) => item.value ?? item.unreadable?.message)).toEqual(expected);
    },
  );
});

describe("a source without items", () => {
  test("is no error", async () => {
    for (const text of ["", "\n\n", "a,b", "a,b\n"]) expect(await read(csv(), text)).toEqual([]);
    expect([...(await read(jsonl(), "\n\r\n")), ...(await read(lines(), ""))]).toEqual([]);
  });
});
