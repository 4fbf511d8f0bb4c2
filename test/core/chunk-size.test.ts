import { expect, test } from "vitest";
import { nextChunks } from "../../src/core/chunk-size.ts";
import type { Pace, SizeBounds } from "../../src/core/chunk-size.ts";

const BYTES: SizeBounds = { unit: "bytes", items: null, bytes: null, concurrency: 1, left: null };
const ITEMS: SizeBounds = { unit: "items", items: null, bytes: null, concurrency: 1, left: null };
const ANY = Number.MAX_SAFE_INTEGER;
const KIB = 1024;

const counts = (bounds: SizeBounds): number[] =>
  [0, 1, 2, 3, 4, 5, 6].map((entry) => nextChunks(entry, bounds, null).count);

test("entries hold a few chunks at first, and 100 later", () => {
  expect(counts(BYTES)).toEqual([4, 8, 16, 32, 64, 100, 100]);
  expect(counts({ ...BYTES, bytes: 10 })).toEqual([16, 100, 100, 100, 100, 100, 100]);
});

test("until a chunk has settled, sizes double from entry to entry, up to a limit", () => {
  const sizes = [0, 1, 4, 5, 1_000].map((entry) => nextChunks(entry, BYTES, null).bytes / KIB);
  expect(sizes).toEqual([256, 512, 4_096, 4_096, 4_096]);
  expect([0, 1, 6, 7].map((entry) => nextChunks(entry, ITEMS, null).items)).toEqual([1, 2, 64, 64]);
  expect(nextChunks(0, BYTES, { units: 0, items: 0, ms: 5 }).bytes).toBe(256 * KIB);
});

test.for<[SizeBounds, Pace, bytes: number, items: number | null, count: number]>([
  [BYTES, { units: 2_000_000, items: 2_000, ms: 1_000 }, 2_000_000, null, 16],
  [BYTES, { units: 1, items: 1, ms: 1_000 }, 1, ANY, 16],
  [BYTES, { units: 10 ** 9, items: 10 ** 6, ms: 0 }, 16 * KIB * KIB, null, 100],
  [ITEMS, { units: 50, items: 50, ms: 500 }, ANY, 100, 16],
  [ITEMS, { units: 1, items: 1, ms: 60_000 }, ANY, 1, 16],
  [ITEMS, { units: 10 ** 6, items: 10 ** 6, ms: 4_000 }, ANY, 10_000, 100],
])("with %j, at a pace of %j a chunk is about a second of work", ([bounds, pace, bytes, items, count]) => {
  expect(nextChunks(9, bounds, pace)).toEqual({ count, bytes, items });
});

test("sizes that the user gives are kept", () => {
  const pace = { units: 1, items: 1, ms: 1_000 };
  const next = (bounds: SizeBounds) => nextChunks(9, { ...bounds, left: 1 }, pace);
  expect(next({ ...BYTES, items: 7 })).toEqual({ count: 100, bytes: ANY, items: 7 });
  expect(next({ ...BYTES, items: 7, bytes: 9 })).toEqual({ count: 100, bytes: 9, items: 7 });
  expect(next({ ...ITEMS, items: 7 })).toEqual({ count: 100, bytes: ANY, items: 7 });
});

test("a size in bytes is ignored if the unit is items", () => {
  expect(nextChunks(9, { ...ITEMS, bytes: 9 }, null).items).toBe(64);
});

test("a chunk is at most a 64th of what is left, unless that is very little work", () => {
  const pace = { units: 1_000, items: 1_000, ms: 1_000 };
  expect(nextChunks(9, { ...ITEMS, left: 6_400 }, pace).items).toBe(100);
  expect(nextChunks(9, { ...ITEMS, left: 64_000_000 }, pace).items).toBe(1_000);
  expect(nextChunks(9, { ...ITEMS, left: 64 }, pace).items).toBe(20);
  expect(nextChunks(0, { ...BYTES, left: 64 * 100 * KIB }, null).bytes).toBe(100 * KIB);
});

test("a small input is divided before its pace is known, in ranges that end with a record", () => {
  expect(nextChunks(0, { ...BYTES, left: 64 * 100 }, null)).toMatchObject({ bytes: 100, items: ANY });
  expect(nextChunks(0, { ...BYTES, left: 7 }, null)).toMatchObject({ bytes: 1, items: ANY });
  expect(nextChunks(0, { ...BYTES, left: 64 * 64 * KIB }, null).items).toBeNull();
});

test("before the pace is known, a chunk has items for all slots", () => {
  const many = { ...ITEMS, concurrency: 50 };
  expect([0, 1, 9].map((entry) => nextChunks(entry, many, null).items)).toEqual([50, 100, 3_200]);
});

test("chunks share the slots of their thread, so a chunk need not fill them", () => {
  const many = { ...ITEMS, concurrency: 50 };
  expect(nextChunks(9, many, { units: 60, items: 60, ms: 1_000 }).items).toBe(60);
  expect(nextChunks(9, { ...many, left: 200 }, { units: 4_000, items: 4_000, ms: 1_000 }).items).toBe(80);
  expect(nextChunks(9, { ...many, left: 200 }, null).items).toBe(4);
});

test("a chunk of a small file has a record for each slot, however long records are", () => {
  const many = { ...BYTES, concurrency: 50, left: 9_000 };
  expect(nextChunks(0, many, null)).toMatchObject({ items: 50 });
  expect(nextChunks(9, many, { units: 300, items: 10, ms: 1 }).bytes).toBe(6000);
});

test("an entry takes at most half of what is left, so that sizes go down from entry to entry", () => {
  const pace = { units: 1_000, items: 1_000, ms: 5_000 };
  const { count, items } = nextChunks(9, { ...ITEMS, left: 6_400 }, pace);
  expect([count, items]).toEqual([32, 100]);
  expect(nextChunks(9, { ...ITEMS, left: 10 }, pace)).toMatchObject({ count: 16, items: 4 });
});

test("an entry takes at most half of what is left, even if items are fast", () => {
  const pace = { units: 1_000, items: 1_000, ms: 1_000 };
  // 64 chunks of 100 items are left. 16 s of work would be 160 of them.
  expect(nextChunks(9, { ...ITEMS, left: 6_400 }, pace)).toMatchObject({ count: 32, items: 100 });
});

test("an entry holds at most 16 s of work, even if more is left", () => {
  const pace = { units: 1_000, items: 1_000, ms: 8_000 };
  // 64 chunks of 100 items are left, and each takes 800 ms.
  expect(nextChunks(9, { ...ITEMS, left: 6_400 }, pace)).toMatchObject({ count: 20, items: 100 });
});

test("a large file is not cut by records before its pace is known", () => {
  const many = { ...BYTES, concurrency: 50 };
  const bound = 64 * 256 * KIB;
  expect(nextChunks(0, { ...many, left: bound - 64 }, null).items).toBe(50);
  expect(nextChunks(0, { ...many, left: bound }, null).items).toBeNull();
  expect(nextChunks(0, many, null).items).toBeNull();
  expect(nextChunks(0, { ...many, concurrency: 1, left: bound - 64 }, null).items).toBeNull();
});

test("before the pace is known, a chunk of a small file with many slots is not cut below 256 KiB", () => {
  expect(nextChunks(0, { ...BYTES, concurrency: 50, left: 9_000 }, null).bytes).toBe(256 * KIB);
});

test("the first chunks of a file have one size, for any number of slots", () => {
  expect(nextChunks(0, { ...BYTES, concurrency: 50 }, null).bytes).toBe(256 * KIB);
});
