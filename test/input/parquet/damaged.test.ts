import { expect, test } from "vitest";
import { isUnreadable } from "../../../src/input/unpack/damage.ts";
import { parquet } from "../../../src/input/parquet.ts";
import type { ReadItem } from "../reading.ts";
import { crafted, plainInts, struct, withFooter } from "./crafted.ts";
import type { CraftedPage } from "./crafted.ts";
import { expectedRows, fileBytes, itemsOf, valuesOf } from "./reading-parquet.ts";

const good = fileBytes("snappy.parquet");
const ints = { name: "n", type: 1 };

test.for([
  ["an empty file", Buffer.alloc(0), /is not a Parquet file: it has 0 bytes/],
  ["text", Buffer.from("a,b\n1,2\n3,4\n"), /is not a Parquet file: it neither begins nor ends like one/],
  ["a file without its end", good.subarray(0, good.length - 100), /was cut short: its end, with the footer/],
  ["a file without its beginning", good.subarray(good.length - 100), /more than the file: it was cut short/],
  [
    "an encrypted file",
    Buffer.concat([Buffer.from("PARE"), Buffer.alloc(20), Buffer.from("PARE")]),
    /is an encrypted/,
  ],
  ["a footer of noise", withFooter(good.subarray(0, 100), Buffer.alloc(50, 0x7b)), /its footer is damaged/],
  ["a footer without anything", withFooter(Buffer.from("PAR1"), struct()), /a list is missing/],
] as const)("%s gets a sentence", async ([, bytes, message]) => {
  await expect(itemsOf(bytes)).rejects.toMatchObject({
    code: "INPUT_INVALID",
    message: expect.stringMatching(message) as unknown,
  });
});

test.for([
  [{ encrypted: true }, /column 1 of row group 0 is encrypted/],
  [{ path: "part-1.parquet" }, /is in another file \(part-1.parquet\)/],
] as const)(
  "a column that cannot be read is refused before anything is read: %j",
  async ([column, message]) => {
    const file = crafted(1, [{ ...ints, ...column, pages: [{ bytes: plainInts(1), entries: 1 }] }]);
    await expect(itemsOf(file)).rejects.toThrow(message);
  },
);

test("a damaged page costs its own rows, and no others", async () => {
  const bytes = Buffer.from(fileBytes("checksums.parquet"));
  // The pages of the first column come first, and those of the first row group.
  bytes[60] = (bytes[60] ?? 0) ^ 1;
  const items = await itemsOf(bytes);
  const first = items.findIndex(({ unreadable }) => unreadable !== null);
  const lost = items.filter(({ unreadable }) => unreadable !== null);
  expect(lost.length).toBeLessThanOrEqual(25);
  for (const [index, { unreadable, position }] of lost.entries()) {
    expect(unreadable).toEqual({
      code: "ITEM_UNREADABLE",
      message: 'column "i8" has a damaged page (the checksum of a page is another one)',
    });
    expect(position).toMatchObject({ rowGroup: 0, row: first + index, offset: null });
  }
  const others = items.filter(({ unreadable }) => unreadable === null).map(({ value }) => value);
  const rows = expectedRows();
  expect(others).toStrictEqual([...rows.slice(0, first), ...rows.slice(first + lost.length)]);
});

const pagesOf = (damaged: Partial<CraftedPage>): CraftedPage[] => [
  { bytes: plainInts(1, 2, 3), entries: 3 },
  { bytes: plainInts(4, 5), entries: 2, ...damaged },
  { bytes: plainInts(6), entries: 1 },
];

test("rows before and behind a damaged page are read", async () => {
  const values = await valuesOf(crafted(6, [{ ...ints, pages: pagesOf({ crc: 1 }) }]));
  const lost: unknown = expect.stringMatching(/column "n" has a damaged page/);
  expect(values).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }, lost, lost, { n: 6 }]);
});

test("where pages cannot be told apart any more, the rest of the row group is lost", async () => {
  const values = await valuesOf(crafted(6, [{ ...ints, pages: pagesOf({ unpacked: 2 ** 30 }) }]));
  const lost: unknown = expect.stringMatching(/row group 0 cannot be read: column "n": a page unpacks to/);
  expect(values).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }, lost, lost, lost]);
});

test("a damaged dictionary costs the pages that refer to it", async () => {
  const dictionary = { bytes: plainInts(7), entries: 1, type: 2, crc: 1 } as const;
  const referring = { bytes: Buffer.from([1, 4, 0]), entries: 2, encoding: 8 };
  const pages = [dictionary, referring, { bytes: plainInts(6), entries: 1 }];
  const values = await valuesOf(crafted(3, [{ ...ints, pages }]));
  const lost: unknown = expect.stringMatching(/has a damaged page \(the checksum/);
  expect(values).toEqual([lost, lost, { n: 6 }]);
});

test("the same rows are lost in every cut", async () => {
  for (const damaged of [{ crc: 1 }, { unpacked: 2 ** 30 }]) {
    const file = crafted(6, [{ ...ints, pages: pagesOf(damaged) }]);
    const whole = await itemsOf(file);
    for (const items of [1, 2, 4])
      expect(plain(await itemsOf(file, parquet(), { bytes: 1e9, items }))).toEqual(plain(whole));
  }
});

function plain(items: readonly ReadItem[]): unknown[] {
  return items.map(({ value, unreadable, position: { key, row } }) => [value, unreadable, key, row]);
}

test.for([
  [
    "an unknown compression",
    { ...ints, codec: 3, pages: [{ bytes: plainInts(1), entries: 1 }] },
    /packed with LZO/,
  ],
  [
    "an unknown encoding",
    { ...ints, pages: [{ bytes: plainInts(1), entries: 1, encoding: 1 }] },
    /an encoding that is not/,
  ],
  [
    "a page that ends too early",
    { ...ints, pages: [{ bytes: plainInts(1), entries: 2 }] },
    /the values end too early/,
  ],
  [
    "a value that is not in the dictionary",
    {
      ...ints,
      pages: [
        { bytes: plainInts(1), entries: 1, type: 2 },
        { bytes: Buffer.from([1, 2, 1]), entries: 1, encoding: 8 },
      ],
    },
    /not in its dictionary/,
  ],
] as const)("%s is said", async ([, column, message]) => {
  const rows = column.pages.at(-1)?.entries ?? 0;
  expect((await valuesOf(crafted(rows, [column])))[0]).toMatch(message);
});

/** Numbers of a linear congruential generator, so that each run damages the same bytes. */
function* noise(): Generator<number> {
  for (let seed = 1; ; seed = (seed * 48_271) % 2_147_483_647) yield seed;
}

test("damage gives failed items or a sentence, whatever it hits", async () => {
  const numbers = noise();
  const next = (below: number): number => Number(numbers.next().value) % below;
  for (const name of ["none", "zstd", "lz4", "encodings"]) {
    const file = fileBytes(`${name}.parquet`);
    for (let round = 0; round < 60; round++) {
      const bytes = Buffer.from(file);
      const from = round % 2 === 0 ? 0 : file.length - 12_000;
      for (let hits = 0; hits <= round % 3; hits++) bytes[from + next(file.length - from)] = next(256);
      const read = itemsOf(bytes).catch((thrown: unknown) => {
        if (!isUnreadable(thrown)) throw thrown;
        return [];
      });
      expect([0, 60]).toContain((await read).length);
    }
  }
});
