import { expect, test } from "vitest";
import { parquet } from "../../../src/input/parquet.ts";
import { crafted, plainInts, plainTexts } from "./crafted.ts";
import { expectedRows, fileBytes, itemsOf, valuesOf } from "./reading-parquet.ts";

test.for(["none", "snappy", "gzip", "brotli", "lz4", "zstd", "encodings", "checksums", "page-index"])(
  "the rows of %s.parquet are those that pyarrow wrote",
  async (name) => {
    expect(await valuesOf(fileBytes(`${name}.parquet`))).toStrictEqual(expectedRows());
  },
);

test("timestamps of 96 bits keep their nanoseconds", async () => {
  expect(await valuesOf(fileBytes("int96.parquet"))).toEqual([
    { at: "1969-12-31T23:59:59.999999999" },
    { at: "1970-01-01T00:00:00.000000000" },
    { at: "2025-11-30T01:02:03.123456789" },
  ]);
});

test("a file without rows has no items", async () => {
  expect(await valuesOf(fileBytes("empty.parquet"))).toEqual([]);
});

test("a pick of columns gives these, in its order, and reads no others", async () => {
  const rows = expectedRows().map(({ unique, i32 }) => ({ unique, i32 }));
  const picked = await valuesOf(fileBytes("zstd.parquet"), parquet({ pick: ["unique", "i32"] }));
  expect(picked).toStrictEqual(rows);
  expect(Object.keys(picked[0] as object)).toEqual(["unique", "i32"]);
});

test("a pick that lacks in the file names the columns that are there", async () => {
  await expect(itemsOf(fileBytes("twice.parquet"), parquet({ pick: ["c"] }))).rejects.toMatchObject({
    code: "INPUT_INVALID",
    message:
      'f.parquet: parquet() cannot pick a column: there is no column "c"; the columns are "a", "b", "a". Correct parquet({ pick: [...] }).',
  });
});

test("of two columns with one name none is lost in silence", async () => {
  await expect(itemsOf(fileBytes("twice.parquet"))).rejects.toMatchObject({
    code: "INPUT_INVALID",
    message: expect.stringContaining('two columns are named "a"') as unknown,
  });
  expect(await valuesOf(fileBytes("twice.parquet"), parquet({ pick: ["b"] }))).toEqual([{ b: 3 }, { b: 4 }]);
});

test.for([
  [{ pick: [] }, /there are no columns/],
  [{ pick: ["a", "a"] }, /it has "a" twice/],
  [{ pick: "a" }, /takes a list of names as pick; it was given "a"/],
  [{ columns: ["a"] }, /has no option "columns"/],
] as const)("%j is refused when the job is made", ([options, message]) => {
  expect(() => parquet(options as never)).toThrow(message);
});

test("text that is not UTF-8 costs its row", async () => {
  const pages = [{ bytes: plainTexts("a", Buffer.from([0xff]), "\uFFFD"), entries: 3 }];
  const file = crafted(3, [{ name: "t", type: 6, converted: 0, pages }]);
  const items = await itemsOf(file);
  expect(items.map(({ value }) => value)).toEqual([{ t: "a" }, undefined, { t: "\uFFFD" }]);
  expect(items[1]).toMatchObject({
    unreadable: { code: "ITEM_UNREADABLE", message: 'column "t" has text that is not valid UTF-8' },
    position: { offset: null, line: null, rowGroup: 0, row: 1 },
  });
});

test("bytes that are not said to be text are base64", async () => {
  const pages = [{ bytes: plainTexts("abc"), entries: 1 }];
  expect(await valuesOf(crafted(1, [{ name: "t", type: 6, pages }]))).toEqual([{ t: "YWJj" }]);
});

test("values that a dictionary repeats are one value", async () => {
  const dictionary = { bytes: plainTexts("x", "y"), entries: 2, type: 2 } as const;
  // Places of one bit: a run of five times 1.
  const page = { bytes: Buffer.from([1, 10, 1]), entries: 5, encoding: 8 };
  const file = crafted(5, [{ name: "t", type: 6, converted: 0, pages: [dictionary, page] }]);
  expect(await valuesOf(file)).toEqual(Array.from({ length: 5 }, () => ({ t: "y" })));
});

test("the text of a failed row is its JSON, and the row is made anew for a further try", async () => {
  const items = await itemsOf(fileBytes("snappy.parquet"));
  const rows = expectedRows();
  for (const at of [0, 24, 25, 59]) {
    expect(JSON.parse(items[at]?.position.raw ?? "")).toEqual(rows[at]);
    expect(items[at]?.position).toMatchObject({ rowGroup: Math.floor(at / 25), row: at % 25 });
  }
});

test("a column of many pages gives its values in order", async () => {
  const pages = Array.from({ length: 30 }, (_, n) => ({ bytes: plainInts(2 * n, 2 * n + 1), entries: 2 }));
  const rows = await valuesOf(crafted(60, [{ name: "n", type: 1, pages }]));
  expect(rows).toEqual(Array.from({ length: 60 }, (_, n) => ({ n })));
});
