import { expect, test } from "vitest";
import { nextChunks } from "../../src/core/sizing.ts";
import type { Pace, SizeBounds } from "../../src/core/sizing.ts";

const BYTES: SizeBounds = { unit: "bytes", items: null, bytes: null, concurrency: 1 };
const ITEMS: SizeBounds = { ...BYTES, unit: "items" };
const ANY = Number.MAX_SAFE_INTEGER;
const KIB = 1024;
/** So much is left that it bounds nothing. */
const PLENTY = 10 ** 12;

const counts = (bounds: SizeBounds): number[] =>
  [0, 1, 2, 3, 4, 5, 6].map((entry) => nextChunks(entry, bounds, null, PLENTY).count);

test("entries hold a few chunks at first, and 100 later", () => {
  expect(counts(BYTES)).toEqual([4, 8, 16, 32, 64, 100, 100]);
  expect(counts({ ...BYTES, bytes: 10 })).toEqual([16, 100, 100, 100, 100, 100, 100]);
});

test("until a chunk has settled, chunks double from entry to entry, up to a limit", () => {
  const sizes = [0, 1, 4, 5, 1_000].map((entry) => nextChunks(entry, BYTES, null, PLENTY).bytes / KIB);
  expect(sizes).toEqual([256, 512, 4_096, 4_096, 4_096]);
  expect([0, 1, 6, 7].map((entry) => nextChunks(entry, ITEMS, null, null).items)).toEqual([1, 2, 64, 64]);
  expect(nextChunks(0, BYTES, { units: 0, items: 0, ms: 5 }, PLENTY).bytes).toBe(256 * KIB);
});

test.for<[SizeBounds, Pace, bytes: number, items: number | null, count: number]>([
  [BYTES, { units: 2_000_000, items: 2_000, ms: 1_000 }, 2_000_000, null, 16],
  [BYTES, { units: 1, items: 1, ms: 1_000 }, 1, ANY, 16],
  [BYTES, { units: 10 ** 9, items: 10 ** 6, ms: 0 }, 16 * KIB * KIB, null, 100],
  [ITEMS, { units: 50, items: 50, ms: 500 }, ANY, 100, 16],
  [ITEMS, { units: 1, items: 1, ms: 60_000 }, ANY, 1, 16],
  [ITEMS, { units: 10 ** 6, items: 10 ** 6, ms: 4_000 }, ANY, 10_000, 100],
])("with %j, at a pace of %j a chunk is about a second of work", ([bounds, pace, bytes, items, count]) => {
  expect(nextChunks(9, bounds, pace, PLENTY)).toEqual({ count, bytes, items });
});

test("a chunk takes a small part of what is left, but work that is worth a message", () => {
  const pace = { units: 1_000, items: 1_000, ms: 5_000 };
  const sizes = [10_000, 3_200, 640, 320, 1].map((left) => nextChunks(9, ITEMS, pace, left).items);
  expect(sizes).toEqual([200, 100, 20, 10, 10]);
});

test("an input that is small is shared out before anything is known of it", () => {
  expect(nextChunks(0, BYTES, null, 3_200).bytes).toBe(100);
  expect(nextChunks(0, BYTES, null, 7).bytes).toBe(1);
  expect(nextChunks(6, ITEMS, null, 32).items).toBe(1);
});

test("a chunk holds as many items as are processed at once, although few are left", () => {
  const io = { ...ITEMS, concurrency: 50 };
  const pace = { units: 10, items: 10, ms: 500 };
  expect(nextChunks(0, io, null, 100).items).toBe(50);
  expect(nextChunks(9, io, pace, 100).items).toBe(50);
  // Items of 30 bytes.
  const lines = { units: 300, items: 10, ms: 500 };
  expect(nextChunks(9, { ...BYTES, concurrency: 50 }, lines, 3_000).bytes).toBe(1_500);
});

test("small ranges end where records do, so that each of them holds one", () => {
  const least = 64 * KIB;
  expect(nextChunks(0, BYTES, null, 32 * least)).toMatchObject({ bytes: least, items: null });
  expect(nextChunks(0, BYTES, null, 32 * least - 32)).toMatchObject({ bytes: least - 1, items: ANY });
});

test("sizes that were given are kept to", () => {
  const pace = { units: 1, items: 1, ms: 1_000 };
  const given = (bounds: SizeBounds) => nextChunks(9, bounds, pace, 1);
  expect(given({ ...BYTES, items: 7 })).toEqual({ count: 100, bytes: ANY, items: 7 });
  expect(given({ ...BYTES, items: 7, bytes: 9 })).toEqual({ count: 100, bytes: 9, items: 7 });
  expect(given({ ...ITEMS, items: 7 })).toEqual({ count: 100, bytes: ANY, items: 7 });
});

test("a size in bytes says nothing about items that have none", () => {
  expect(nextChunks(9, { ...ITEMS, bytes: 9 }, null, null).items).toBe(64);
});
