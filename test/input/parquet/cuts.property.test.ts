import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readerKinds } from "../../../src/input/kinds.ts";
import { parquet } from "../../../src/input/parquet.ts";
import { bytesStore, sourceOf } from "../bytes-store.ts";
import { expectedRows, fileBytes, itemsOf, rangesOf, valuesIn } from "./reading-parquet.ts";

const NAMES = ["none", "snappy", "encodings"] as const;
const FILES = Object.fromEntries(NAMES.map((name) => [name, fileBytes(`${name}.parquet`)]));
const rows = expectedRows();
const bytesOf = (name: string): Buffer => FILES[name] ?? Buffer.alloc(0);

test("chunks of any size have the rows of one read, in order", async () => {
  const sizes = fc.record({
    bytes: fc.integer({ min: 1, max: 60_000 }),
    items: fc.option(fc.integer({ min: 1, max: 70 })),
  });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...NAMES), sizes, async (name, size) => {
      const items = await itemsOf(bytesOf(name), parquet(), size);
      expect(items.map(({ value }) => value)).toStrictEqual(rows);
    }),
    { numRuns: 40 },
  );
});

test("a chunk can be cut before any row", async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...NAMES), fc.integer({ min: 0, max: 59 }), async (name, at) => {
      const bytes = bytesOf(name);
      const items = await itemsOf(bytes);
      const [whole] = await rangesOf(bytes, { bytes: Number.MAX_SAFE_INTEGER, items: null });
      const key = items[at]?.position.key ?? 0;
      const end = whole?.end ?? 0;
      const first = await valuesIn(bytes, { source: 0, start: 0, end: key });
      const second = await valuesIn(bytes, { source: 0, start: key, end });
      expect([...first, ...second]).toStrictEqual(rows);
      expect(first.length).toBe(at);
    }),
    { numRuns: 60 },
  );
});

test("each row has a position of its own, and the first row behind any position is known", async () => {
  const bytes = bytesOf("snappy");
  const keys = (await itemsOf(bytes)).map(({ position }) => position.key);
  expect(new Set(keys).size).toBe(60);
  const [range = { source: 0, start: 0, end: 0 }] = await rangesOf(bytes, { bytes: 1e9, items: null });
  const source = sourceOf("f", bytes);
  const request = { source, range, options: {}, store: bytesStore({ f: bytes }) };
  const wanted = Array.from({ length: 500 }, (_, n) => Math.floor((n * range.end) / 500));
  const starts = await readerKinds.parquet.recordStarts?.(request, wanted);
  expect(starts).toEqual(wanted.flatMap((at) => keys.find((key) => key >= at) ?? []));
});

test("chunks are whole row groups, and more of them for a larger size", async () => {
  const count = async (bytes: number): Promise<number> =>
    (await rangesOf(bytesOf("none"), { bytes, items: null })).length;
  expect(await count(1)).toBe(3);
  expect(await count(1e9)).toBe(1);
});

test("the number of the first row of every chunk is known", async () => {
  const bytes = bytesOf("none");
  const store = bytesStore({ f: bytes });
  const origins = [];
  for (const range of await rangesOf(bytes, { bytes: 1, items: 10 }))
    origins.push(
      await readerKinds.parquet.origin({ source: sourceOf("f", bytes), range, options: {}, store }),
    );
  expect(origins.map((one) => one?.items)).toEqual([0, 10, 20, 25, 35, 45, 50]);
});
