import { expect, expectTypeOf, test } from "vitest";
import { FanjoinError } from "../../../src/core/errors/errors.ts";
import { csv, tsv } from "../../../src/input/csv.ts";
import { readerKinds } from "../../../src/input/kinds.ts";
import type { Reader } from "../../../src/input/reader.ts";
import { bytesStore, sourceOf } from "../bytes-store.ts";
import { cutAll, readAll } from "../reading.ts";
import { itemsOf, valuesOf } from "./reading-csv.ts";

test("rows are objects of strings, keyed by the header", async () => {
  expect(await valuesOf('id,name\n1,"Doe, Jane"\r\n2,"say ""hi"""')).toEqual([
    { id: "1", name: "Doe, Jane" },
    { id: "2", name: 'say "hi"' },
  ]);
});

test("a row with too few or too many fields costs only itself", async () => {
  expect(await valuesOf('a,b\n1,2\n3\n4,5\n6,7,8\n"9","10","11"\n12,13\n')).toEqual([
    { a: "1", b: "2" },
    'has 1 field, the header has 2: "3"',
    { a: "4", b: "5" },
    'has 3 fields, the header has 2: "6,7,8"',
    String.raw`has 3 fields, the header has 2: "\"9\",\"10\",\"11\""`,
    { a: "12", b: "13" },
  ]);
});

test("a short and a long row side by side are both unreadable", async () => {
  const good = "1,2,3\n".repeat(400);
  const values = await valuesOf(`a,b,c\n${good}x,"y"\n"p","q","r","s"\n${good}u\nv,w,x,y,z\n${good}`);
  expect(values.filter((value) => typeof value === "string")).toHaveLength(4);
  expect(values).toHaveLength(1204);
});

test("a quote in the middle of a field is data", async () => {
  expect(await valuesOf('a,b\n5" pipe,6\n7,8" pipe\n9,10\n')).toEqual([
    { a: '5" pipe', b: "6" },
    { a: "7", b: '8" pipe' },
    { a: "9", b: "10" },
  ]);
});

test("text after a closing quote makes the row unreadable, white space too", async () => {
  expect(await valuesOf('a,b\n"1"x,2\n3,4\n"5" ,6\n7,"8"\t\n"9"\r,10\n')).toEqual([
    String.raw`has text after a closing quote: "\"1\"x,2"`,
    { a: "3", b: "4" },
    String.raw`has text after a closing quote: "\"5\" ,6"`,
    String.raw`has text after a closing quote: "7,\"8\"\t"`,
    String.raw`has text after a closing quote: "\"9\"\r,10"`,
  ]);
});

test("a quote that is never closed makes the rest of the source one unreadable record", async () => {
  expect(await valuesOf('a,b\n1,2\n3,"4\n5,6\n')).toEqual([
    { a: "1", b: "2" },
    String.raw`has a quote that is never closed: "3,\"4\n5,6"`,
  ]);
});

test.for<[string, readonly [boolean, number | undefined]]>([
  ['"4\n5,6\n7,8\n', [true, 3]],
  ['"4\n5,6\n7,8', [true, 3]],
  ['"4\n5,\xff\n', [true, 2]],
  ['"4', [false, undefined]],
  ['"4\n', [false, undefined]],
  ['"4\n5",6,7\n8,9\n', [false, 2]],
  ["4,5\n6,7", [false, undefined]],
])(
  "a record of %j says how many lines it has, and whether it takes in the rest",
  async ([record, expected]) => {
    const items = await itemsOf(Buffer.from(`a,b\n1,2\n3,${record}`, "latin1"));
    const bad = items.find(({ unreadable }) => unreadable !== null);
    expect([bad?.unreadable?.toEnd ?? false, bad?.position.lines]).toEqual(expected);
  },
);

test("bytes that are not UTF-8 make their row unreadable, and only that", async () => {
  const bytes = Buffer.concat([
    Buffer.from("a,b\nü,2\n"),
    Buffer.from([0x66, 0xfc, 0x2c, 0x78, 0x0a]),
    Buffer.from("3,4\n"),
  ]);
  expect(await valuesOf(bytes)).toEqual([
    { a: "ü", b: "2" },
    'is not valid UTF-8 (if the source has another encoding, tell its reader): "f\uFFFD,x"',
    { a: "3", b: "4" },
  ]);
});

test("blank lines are not items", async () => {
  expect(await valuesOf("\na,b\n\n1,2\n\r\n\n3,4\n\n")).toEqual([
    { a: "1", b: "2" },
    { a: "3", b: "4" },
  ]);
  expect(await valuesOf('a\n1\n\n""\n2')).toEqual([{ a: "1" }, { a: "" }, { a: "2" }]);
});

test("a carriage return that is not part of a line end is data", async () => {
  expect(await valuesOf("a,b\r\n\r1,2\r\n3,\r4\r\n")).toEqual([
    { a: "\r1", b: "2" },
    { a: "3", b: "\r4" },
  ]);
});

test("names of columns are text, never code", async () => {
  const names = ['", x: process.exit(1), y: "', "line\nend", "\u2028", "\\", "${1}", "7", "a b"];
  const header = names.map((name) => `"${name.replaceAll('"', '""')}"`).join(",");
  const [plain, quoted] = await valuesOf(`${header}\n1,2,3,4,5,6,7\n"1",2,3,4,5,6,7\n`);
  expect(plain).toEqual(Object.fromEntries(names.map((name, index) => [name, String(index + 1)])));
  expect(quoted).toEqual(plain);
});

test("a row with quotes and a row without are equal objects", async () => {
  const rows = await valuesOf('a,b\n1,\n"1",\r\n1,""\r\n');
  expect(rows).toEqual(Array.from({ length: 3 }, () => ({ a: "1", b: "" })));
});

test("names that every object has can be columns", async () => {
  const [item] = await valuesOf("constructor,toString,hasOwnProperty\n1,2,3\n");
  expect(Object.entries(item ?? {})).toEqual([
    ["constructor", "1"],
    ["toString", "2"],
    ["hasOwnProperty", "3"],
  ]);
});

test.each([
  ["a,b,a\n1,2,3\n", 'two columns are named "a"'],
  ["a,,c\n1,2,3\n", "column 2 of 3 has no name"],
  ["a,__proto__\n1,2\n", "a column cannot be named __proto__"],
  ["a,b\r1,2\r3,4", 'a name has a carriage return in it: "b\\r1". If all lines end so'],
  ['a,"b\n1,2\n', "has a quote that is never closed"],
])("a header that cannot name items is refused when the batch is planned: %j", async (text, problem) => {
  const error = await valuesOf(text).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(FanjoinError);
  expect(error).toMatchObject({ code: "INPUT_INVALID", message: expect.stringContaining(problem) });
});

test.each(["", "a,b", "a,b\n", "\uFEFFa,b\r\n", "\n\n", "\r\n"])(
  "a source without rows has no chunks: %j",
  async (text) => {
    const bytes = Buffer.from(text);
    expect(await readAll(csv(), sourceOf("f", bytes), bytesStore({ f: bytes }))).toEqual([]);
  },
);

test("columns can be given where there is no header, and other delimiters", async () => {
  expect(await valuesOf("\uFEFF1;2\n3;4\n", csv({ columns: ["x", "y"], delimiter: ";" }))).toEqual([
    { x: "1", y: "2" },
    { x: "3", y: "4" },
  ]);
  expect(await valuesOf("a\tb\n1\t2,3\n", tsv())).toEqual([{ a: "1", b: "2,3" }]);
});

test("given columns can replace those of a header, which is then skipped", async () => {
  const reader = csv({ columns: ["x", "y"], header: true });
  const rows = [{ x: "1", y: "2" }, 'has 1 field, the columns are 2: "3"'];
  for (const header of ['a,"\n__proto__"', "a,a", ",a", '"a"b,c']) {
    expect(await valuesOf(`${header}\n1,2\n3\n`, reader)).toEqual(rows);
  }
  expect(await valuesOf(Buffer.from("\xfc,b\n1,2\n3\n", "latin1"), reader)).toEqual(rows);
});

test("another character can be the quote", async () => {
  expect(await valuesOf("a,b\n'1,''\n',\"2\n", csv({ quote: "'" }))).toEqual([{ a: "1,'\n", b: '"2' }]);
});

test("without quotes every newline ends a record", async () => {
  expect(await valuesOf('a,b\n"1,2"\n"3\n,"4\n', csv({ quote: false }))).toEqual([
    { a: '"1', b: '2"' },
    String.raw`has 1 field, the header has 2: "\"3"`,
    { a: "", b: '"4' },
  ]);
});

test("comments are skipped, before the header too, but not within quotes", async () => {
  const text = '# made "by hand\na,b\n#,"\n1,"\n# x"\n3,#\n# the end';
  expect(await valuesOf(text, csv({ comment: "#" }))).toEqual([
    { a: "1", b: "\n# x" },
    { a: "3", b: "#" },
  ]);
  expect(await valuesOf(Buffer.from("a\n#\xff\n1\n", "latin1"), csv({ comment: "#" }))).toEqual([{ a: "1" }]);
});

test("a header after blank lines may be the last line of its source", async () => {
  expect(await valuesOf("\n\na,b")).toEqual([]);
});

test.each<[{ [option: string]: unknown }, RegExp]>([
  [{ delimiter: ";;" }, /one ASCII character as delimiter.*it was given ";;"/],
  [{ delimiter: '"' }, /one ASCII character as delimiter.*it was given/],
  [{ delimiter: "ü" }, /one ASCII character as delimiter/],
  [{ quote: true }, /one ASCII character as quote, not a space \(or false for none\); it was given true/],
  [{ quote: " " }, /one ASCII character as quote/],
  [{ comment: "//" }, /one ASCII character as comment, not a space; it was given "\/\/"/],
  [{ quote: ";", delimiter: ";" }, /different characters as delimiter and quote; it was given ";" as both/],
  [{ comment: '"' }, /different characters as quote and comment/],
  [{ columns: ["a", "a"] }, /two columns are named "a"/],
  [{ columns: [] }, /there are no columns/],
  [{ columns: "a,b" }, /a list of names as columns; it was given "a,b"/],
  [{ header: ["a"] }, /true or false as header.*csv\(\{ columns: \[\.\.\.\] \}\)/],
  [{ header: false }, /no header: name the columns too/],
  [{ delimeter: ";" }, /csv\(\) has no option "delimeter"\. Did you mean "delimiter"\?/],
])("options that make no sense are refused with the given value: %j", (options, message) => {
  expect(() => csv(options)).toThrow(
    expect.objectContaining({ code: "JOB_INVALID", message: expect.stringMatching(message) }),
  );
});

test("a position has the offset, the line in the chunk and the raw record", async () => {
  const items = await itemsOf('a,b\n1,"x\ny"\r\n\n3,ü\n4,5\n');
  expect(items.map((item) => item.position)).toEqual([
    { offset: 4, line: 0, lines: 2, raw: '1,"x\ny"', key: 4 },
    { offset: 14, line: 3, raw: "3,ü", key: 14 },
    { offset: 19, line: 4, raw: "4,5", key: 19 },
  ]);
});

test("the first chunk knows the lines of its header, the others nothing about the lines before them", async () => {
  const bytes = Buffer.from('\n"a\n",b\n1,2\n3,4\n');
  const request = { source: sourceOf("f", bytes), options: csv().options, store: bytesStore({ f: bytes }) };
  const origin = (start: number) =>
    readerKinds.csv.origin({ ...request, range: { source: 0, start, end: start + 4 } });
  expect(await origin(8)).toEqual({ items: 0, lines: 3 });
  expect(await origin(12)).toBeNull();
});

test("chunks of a number of items have that many; blank lines do not count", async () => {
  const bytes = Buffer.from('a,b\n1,2\n\n\r\n3,"\n\n"\n5,6\n7,8\n9,10');
  const chunks = await readAll(csv(), sourceOf("f", bytes), bytesStore({ f: bytes }, 3), {
    bytes: 1_000,
    items: 2,
  });
  expect(chunks.map((chunk) => chunk.items.length)).toEqual([2, 2, 1]);
});

test("a cutter reads every byte once, and closes its read", async () => {
  const bytes = Buffer.from(`a,b\n${'1,"2\n3"\n'.repeat(500)}`);
  const store = bytesStore({ f: bytes }, 16);
  const request = { sources: [sourceOf("f", bytes)], options: csv().options, store, after: null };
  await cutAll(readerKinds.csv, request, { bytes: 20, items: null });
  expect(store.bytesRead()).toBeLessThan(bytes.length + 32);
  const cutter = readerKinds.csv.cut(request);
  await cutter.next({ bytes: 20, items: null });
  expect(store.open()).toBe(1);
  await cutter.close();
  expect(store.open()).toBe(0);
});

test("a reader carries the type of its items", () => {
  expectTypeOf(csv({ delimiter: ";" })).toEqualTypeOf<Reader<{ readonly [column: string]: string }>>();
  expectTypeOf(tsv({ columns: ["id"] })).toEqualTypeOf<Reader<{ readonly id: string }>>();
});
