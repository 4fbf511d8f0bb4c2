/** Small files that ask for much memory. */
import { zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { crafted, plainInts, struct, withFooter } from "./crafted.ts";
import { itemsOf, valuesOf } from "./reading-parquet.ts";

const ZSTD = 6;
const ints = { name: "n", type: 1 };

test.for([
  [
    "unpacks to a gigabyte",
    { bytes: plainInts(1), entries: 1, unpacked: 2 ** 30 },
    /unpacks to 1073741824 bytes, the limit is/,
  ],
  [
    "has two thousand million values",
    { bytes: plainInts(1), entries: 2 ** 31 - 1 },
    /has 2147483647 values, the limit is/,
  ],
] as const)("a page that says it %s is not unpacked", async ([, page, message]) => {
  expect(await valuesOf(crafted(1, [{ ...ints, pages: [page] }]))).toEqual([expect.stringMatching(message)]);
});

test("a page that unpacks to more than it says is given up there", async () => {
  const bytes = zstdCompressSync(Buffer.alloc(64 * 1024 * 1024));
  const before = process.memoryUsage().arrayBuffers;
  const values = await valuesOf(
    crafted(1, [{ ...ints, codec: ZSTD, pages: [{ bytes, entries: 1, unpacked: 4 }] }]),
  );
  expect(values).toEqual([expect.stringContaining("a page cannot be decoded")]);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024);
});

test("runs of levels that ask for more than the page has entries make no more", async () => {
  // A run of 2^28 nulls, and a page of three entries.
  const levels = Buffer.from([6, 0, 0, 0, 0x80, 0x80, 0x80, 0x80, 0x02, 0]);
  const pages = [{ bytes: levels, entries: 3 }];
  expect(await valuesOf(crafted(3, [{ ...ints, optional: true, pages }]))).toEqual([
    { n: null },
    { n: null },
    { n: null },
  ]);
});

test("a list of the footer is not longer than the footer", async () => {
  // Field 2, a list of 2^28 structures.
  const footer = Buffer.from([0x29, 0xfc, 0x80, 0x80, 0x80, 0x80, 0x01, 0]);
  await expect(itemsOf(withFooter(Buffer.from("PAR1"), footer))).rejects.toThrow(
    /a list is longer than the text/,
  );
});

test("a footer of nested lists ends at a depth", async () => {
  const footer = Buffer.concat([Buffer.from([0x29]), Buffer.alloc(5000, 0x19), struct()]);
  await expect(itemsOf(withFooter(Buffer.from("PAR1"), footer))).rejects.toThrow(/nested too deeply/);
});

test("a footer that is longer than the limit is refused before it is read", async () => {
  const huge = Buffer.alloc(65 * 1024 * 1024);
  await expect(itemsOf(withFooter(Buffer.from("PAR1"), huge))).rejects.toThrow(/the limit is 67108864/);
});
