import { expect, expectTypeOf, test } from "vitest";
import { csv, tsv } from "../../../src/input/csv.ts";
import type { Reader } from "../../../src/input/reader.ts";
import { bytesStore, sourceOf } from "../bytes-store.ts";
import { readAll } from "../reading.ts";
import { itemsOf, valuesOf } from "./reading-csv.ts";

async function refusal(text: string | Buffer, reader: Reader = csv()): Promise<string> {
  return valuesOf(text, reader).then(
    () => "",
    (error: Error) => error.message,
  );
}

test("an empty name in the header is refused with a reader that reads the file, which is tried here", async () => {
  const message = await refusal(",a,b\n0,1,2\n1,3,4\n");
  expect(message).toBe(
    'f: the header is not usable: column 1 of 3 has no name. Correct the first row, or name all columns in its place (pandas and R write the row numbers so): csv({ columns: ["row", "a", "b"], header: true }).',
  );
  const advised = csv({ columns: ["row", "a", "b"], header: true });
  expect(await valuesOf(",a,b\n0,1,2\n1,3,4\n", advised)).toEqual([
    { row: "0", a: "1", b: "2" },
    { row: "1", a: "3", b: "4" },
  ]);
  expect(await refusal('"row","",b\n0,1,2\n')).toContain(
    'csv({ columns: ["row", "column2", "b"], header: true })',
  );
  expect(await refusal(",row\n0,1\n")).toContain("csv({ columns: [...], header: true })");
  expect(await refusal(`${",".repeat(30)}\n`)).toContain("csv({ columns: [...], header: true })");
});

test("columns that replace a header have to be as many, and the message has the header's names", async () => {
  const reader = csv({ columns: ["x", "y"], header: true });
  expect(await refusal("a,b,c\n1,2,3\n", reader)).toBe(
    'f: the header is not usable: it has 3 names ("a", "b", "c"), but csv({ columns: [...], header: true }) names 2. Name every column of the header, in its order; csv({ pick: [...] }) chooses among them.',
  );
  expect(await refusal("a;b\n1;2\n", reader)).toContain('With csv({ delimiter: ";" }) it has as many.');
  expect(await refusal('a,"b\n1,2\n', reader)).toContain("has a quote that is never closed");
  expect(await refusal("a\r1\r2\r", csv({ columns: ["x"], header: true }))).toContain(
    "a carriage return in it",
  );
  expect(await valuesOf("\n\n", reader)).toEqual([]);
});

test("a header of R's write.table, which lacks the first name, is refused with a reader that reads the file", async () => {
  const text = '"a" "b"\n"1" 5 6\n"2" 7 8\n';
  const message = await refusal(text, csv({ delimiter: " ", columns: ["row", "a", "b"], header: true }));
  expect(message).toContain("csv({ columns: [...], skipLines: 1 })");
  const advised = csv({ delimiter: " ", columns: ["row", "a", "b"], skipLines: 1 });
  expect(await valuesOf(text, advised)).toEqual([
    { row: "1", a: "5", b: "6" },
    { row: "2", a: "7", b: "8" },
  ]);
});

test("a first row of the very names that the job gives is a header, and is refused where it would be an item", async () => {
  const columns = ["id", 'n"ame'];
  for (const text of ['id,n"ame\n1,2\n', '\uFEFF"id","n""ame"\r\n1,2\r\n', 'id,n"ame']) {
    const message = await refusal(text, csv({ columns }));
    expect(message).toContain("Say so with csv({ columns: [...], header: true })");
    expect(await valuesOf(text, csv({ columns, header: true }))).toEqual(
      text.includes("1") ? [{ id: "1", 'n"ame': "2" }] : [],
    );
  }
  expect(await valuesOf("id\n", csv({ columns: ["id"] }))).toEqual([{ id: "id" }]);
  expect(await valuesOf("id,name2\n", csv({ columns: ["id", "name"] }))).toEqual([
    { id: "id", name: "name2" },
  ]);
  expect(await valuesOf("'a','b'\n", csv({ columns: ["a", "b"], quote: false }))).toEqual([
    { a: "'a'", b: "'b'" },
  ]);
});

test("lines are left out before the header, whatever they hold", async () => {
  const text = 'A "title\n\r\n#,,,\na,b\n1,2\n';
  expect(await valuesOf(text, csv({ skipLines: 3 }))).toEqual([{ a: "1", b: "2" }]);
  expect(await valuesOf(`\uFEFF${text}`, csv({ skipLines: 3, pick: ["b"] }))).toEqual([{ b: "2" }]);
  expect(await valuesOf(text, csv({ skipLines: 4, columns: ["x", "y"] }))).toEqual([{ x: "1", y: "2" }]);
  expect(await valuesOf("t\na\tb\n1\t2\n", tsv({ skipLines: 1 }))).toEqual([{ a: "1", b: "2" }]);
  expect(await valuesOf("t\n\n\na,b\n1,2\n", csv({ skipLines: 1 }))).toEqual([{ a: "1", b: "2" }]);
});

test("items keep the lines and offsets of their file", async () => {
  const text = "title\n\na,b\n1,2\n3\n";
  const bytes = Buffer.from(text);
  const reader = csv({ skipLines: 2 });
  const store = bytesStore({ f: bytes }, 3);
  const [chunk] = await readAll(reader, sourceOf("f", bytes), store);
  const { csv: kind } = (await import("../../../src/input/kinds.ts")).readerKinds;
  const request = { source: sourceOf("f", bytes), range: chunk!.range, options: reader.options, store };
  expect(await kind.origin(request)).toEqual({ items: 0, lines: 3 });
  expect(chunk?.items.map(({ position }) => position)).toEqual([
    { offset: 11, line: 0, raw: "1,2", key: 11 },
    { offset: 15, line: 1, raw: "3", key: 15 },
  ]);
});

test("a file with fewer lines than are left out is refused; an empty one has no items", async () => {
  expect(await refusal("a,b\n1,2", csv({ skipLines: 3 }))).toBe(
    "f: csv({ skipLines: 3 }) leaves out 3 lines, but there are 2 lines",
  );
  expect(await refusal("a,b", csv({ skipLines: 2 }))).toContain("there is 1 line");
  expect(await refusal("t\ra,b\r1,2\r", csv({ skipLines: 2 }))).toContain("carriage returns alone");
  for (const text of ["", "t\na,b\n", "t\na"])
    expect(await valuesOf(text, csv({ skipLines: text && 2 ? 2 : 1 }))).toEqual([]);
});

test("the line that Excel writes to name the delimiter is refused with a reader that reads the file", async () => {
  const text = "sep=;\r\na;b\r\n1;2\r\n";
  for (const [content, reader] of [
    [text, csv()],
    [text, csv({ delimiter: ";" })],
    [`\uFEFF"sep=;"\n`, csv()],
    [text, csv({ columns: ["a"] })],
    ["SEP=;", csv()],
  ] as const) {
    expect(await refusal(content, reader)).toContain(
      'Leave it out with csv({ delimiter: ";", skipLines: 1 }).',
    );
  }
  expect(await refusal(`title\n${text}`, csv({ skipLines: 1 }))).toContain("skipLines: 2");
  expect(await valuesOf(text, csv({ delimiter: ";", skipLines: 1 }))).toEqual([{ a: "1", b: "2" }]);
  expect(await valuesOf("sep=;x\n1\n")).toEqual([{ "sep=;x": "1" }]);
});

test.each([
  ["semicolons", "a;b;c\n1;2,5;3\n", ";"],
  ["tabs", "a\tb\n1\t2\n", "\t"],
  ["bars", "a|b\n1|2\n", "|"],
])("a header of one column, and rows with the same number of %s, are refused", async (_, text, delimiter) => {
  const message = await refusal(text);
  expect(message).toContain("it has one column, ");
  expect(message).toContain(`Give csv({ delimiter: ${JSON.stringify(delimiter)} }).`);
  expect(await refusal("a,b\n1,2\n", csv({ delimiter }))).toContain('csv({ delimiter: "," })');
});

test("a delimiter in the name of the only column is data where the rows do not have it too", async () => {
  expect(await valuesOf("a;b\n1\n2;3\n")).toEqual([{ "a;b": "1" }, { "a;b": "2;3" }]);
  expect(await valuesOf('"a;b"\n1;2\n')).toEqual([{ "a;b": "1;2" }]);
  expect(await valuesOf("a;b\n1;2\n", csv({ columns: ["x"], header: true }))).toEqual([{ x: "1;2" }]);
  expect(await valuesOf("a;b\n")).toEqual([]);
});

test("a row that has the right number of fields with another delimiter says so", async () => {
  const [message] = await valuesOf("1;2,5;3\n", csv({ columns: ["a", "b", "c"] }));
  expect(message).toBe('has 2 fields, the columns are 3 (with csv({ delimiter: ";" }) it has 3): "1;2,5;3"');
  expect(await valuesOf("a,b\n1;2;3\n")).toEqual(['has 1 field, the header has 2: "1;2;3"']);
});

test("a file whose lines end with carriage returns alone says so, with every kind of columns", async () => {
  const sentence = "its lines end with carriage returns alone";
  const columns = ["a", "b"];
  const [row] = await itemsOf("1,2\r3,4\r5,6\r", csv({ columns }));
  expect(row?.unreadable?.message).toContain(sentence);
  const [cell] = await itemsOf("1\r2\r3", csv({ columns: ["a"] }));
  expect(cell?.unreadable?.message).toContain(sentence);
  expect(await valuesOf('"1\r2\r3"', csv({ columns: ["a"] }))).toEqual([{ a: "1\r2\r3" }]);
  expect(await refusal("a,b\r1,2\r3,4\r")).toContain(
    "If all lines end so, convert them, e.g. with tr '\\r' '\\n'",
  );
  expect(await refusal("#c\ra,b\r1,2\r", csv({ comment: "#" }))).toContain(sentence);
  const long = Buffer.from(`a,b\r${"1,2\r".repeat(300_000)}`);
  await expect(readAll(csv(), sourceOf("f", long), bytesStore({ f: long }))).rejects.toThrow(sentence);
});

test.each([[-1], [1.5], ["2"]])("skipLines: %j is refused", (skipLines) => {
  expect(() => csv({ skipLines: skipLines as number })).toThrow(
    /skipLines of csv\(\) has to be a whole number of at least 0/,
  );
});

test("a reader with the new options carries the type of its items", () => {
  expectTypeOf(csv({ columns: ["id"], header: true, skipLines: 1 })).toEqualTypeOf<
    Reader<{ readonly id: string }>
  >();
});
