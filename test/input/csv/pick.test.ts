import { expect, expectTypeOf, test } from "vitest";
import { csv, tsv } from "../../../src/input/csv.ts";
import type { Reader } from "../../../src/input/reader.ts";
import { itemsOf, valuesOf } from "./reading-csv.ts";

test("items have the picked columns only, in the order of the pick", async () => {
  const items = await valuesOf(
    'id,country,amount\n1,PT,5\r\n2,"D,E","6"\n3,"F""R",7',
    csv({ pick: ["amount", "country"] }),
  );
  expect(items).toEqual([
    { amount: "5", country: "PT" },
    { amount: "6", country: "D,E" },
    { amount: "7", country: 'F"R' },
  ]);
  expect(items.map((item) => Object.keys(item ?? {}))).toEqual(items.map(() => ["amount", "country"]));
});

test("a row is checked whole, and the raw text of a failed one stays whole", async () => {
  const text = 'a,b,c\n1,2\n1,2,3,4\n"1"x,2,3\n1,2,"3" \n1,2,3\n1,2,"3';
  const items = await itemsOf(text, csv({ pick: ["b"] }));
  expect(items.map(({ value, unreadable }) => value ?? unreadable?.message)).toEqual([
    'has 2 fields, the header has 3: "1,2"',
    'has 4 fields, the header has 3: "1,2,3,4"',
    String.raw`has text after a closing quote: "\"1\"x,2,3"`,
    String.raw`has text after a closing quote: "1,2,\"3\" "`,
    { b: "2" },
    String.raw`has a quote that is never closed: "1,2,\"3"`,
  ]);
  expect(items.map((item) => item.position.raw)).toEqual(text.split("\n").slice(1));
});

test("bytes that are not UTF-8 in a field that is not picked make the row unreadable", async () => {
  const values = await valuesOf(Buffer.from("a,b\n\xff,2\n3,4\n", "latin1"), csv({ pick: ["b"] }));
  expect(values).toEqual([expect.stringContaining("is not valid UTF-8"), { b: "4" }]);
});

test("columns names the columns, pick chooses among them; so does tsv()", async () => {
  expect(await valuesOf("1,2\n3,4\n", csv({ columns: ["x", "y"], pick: ["y"] }))).toEqual([
    { y: "2" },
    { y: "4" },
  ]);
  const renamed = csv({ columns: ["x", "y"], header: true, pick: ["x"] });
  expect(await valuesOf("a,b\n1,2\n", renamed)).toEqual([{ x: "1" }]);
  expect(await valuesOf("a\tb\n1\t2\n", tsv({ pick: ["b"] }))).toEqual([{ b: "2" }]);
});

test("a picked column that the header lacks is an error that names the columns", async () => {
  await expect(valuesOf("id,name\n1,2\n", csv({ pick: ["name", "nmae", "x"] }))).rejects.toMatchObject({
    code: "INPUT_INVALID",
    message:
      'f: csv() cannot pick a column: there are no columns "nmae", "x"; the columns are "id", "name". ' +
      "Correct csv({ pick: [...] }), or the header.",
  });
  const wide = Array.from({ length: 23 }, (_, index) => `c${index}`).join(",");
  await expect(valuesOf(`${wide}\n1\n`, csv({ pick: ["d"] }))).rejects.toThrow(
    /no column "d"; the columns are "c0", .*"c19" and 3 more/,
  );
  expect(await valuesOf("\n\n", csv({ pick: ["a"] }))).toEqual([]);
});

test.each<[{ [option: string]: unknown }, RegExp]>([
  [{ pick: "a" }, /a list of names as pick; it was given "a"/],
  [{ pick: [] }, /a pick that is not usable: there are no columns/],
  [{ pick: ["a", "a"] }, /a pick that is not usable: two columns are named "a"/],
  [{ columns: ["a", "b"], pick: ["c"] }, /there is no column "c"; the columns are "a", "b"/],
])("a pick that makes no sense is refused with the given value: %j", (options, message) => {
  expect(() => csv(options)).toThrow(
    expect.objectContaining({ code: "JOB_INVALID", message: expect.stringMatching(message) }),
  );
});

test("picked columns are the keys of the item's type", () => {
  expectTypeOf(csv({ pick: ["a", "b"] })).toEqualTypeOf<Reader<{ readonly a: string; readonly b: string }>>();
  expectTypeOf(csv({ columns: ["a", "b"], pick: ["a"] })).toEqualTypeOf<Reader<{ readonly a: string }>>();
  expectTypeOf(tsv({ pick: ["a"] })).toEqualTypeOf<Reader<{ readonly a: string }>>();
  // @ts-expect-error only a column that is named can be picked
  expect(() => csv({ columns: ["a"], pick: ["b"] })).toThrow("there is no column");
});
