import { expect, test } from "vitest";
import { items } from "../../src/input/items.ts";
import { readerKinds } from "../../src/input/kinds.ts";
import { range } from "../../src/input/range.ts";
import { bytesStore } from "./bytes-store.ts";
import { cutAll, readChunk } from "./reading.ts";

const store = bytesStore({});
const source = { name: "", label: "range", size: 2_500, version: "" };

test("a range is cut by number, and its items are its integers", async () => {
  const reader = range(-500, 2_000);
  const request = { sources: [source, { ...source, size: 1 }], options: reader.options, store, after: null };
  const ranges = await cutAll(readerKinds.range, request, { bytes: 1, items: 1_100 });
  expect(ranges.map(({ source: number, start, end }) => [number, start, end])).toEqual([
    [0, 0, 1_100],
    [0, 1_100, 2_200],
    [0, 2_200, 2_500],
    [1, 0, 1],
  ]);
  expect(
    await cutAll(readerKinds.range, { ...request, after: ranges[1] ?? null }, { bytes: 1, items: 1_100 }),
  ).toEqual(ranges.slice(2));
  const chunk = await readChunk(reader, source, { source: 0, start: 1_100, end: 2_200 }, store);
  expect(chunk.items).toHaveLength(1_100);
  expect(chunk.items[0]).toEqual({
    value: 600,
    unreadable: null,
    position: { offset: null, line: null, raw: "600", key: 600 },
  });
  expect(chunk.items.at(-1)?.value).toBe(1_699);
  expect(
    await readerKinds.range.origin({
      source,
      range: { source: 0, start: 1_100, end: 2_200 },
      options: reader.options,
      store,
    }),
  ).toEqual({ items: 1_100, lines: null });
});

test("a small piece of a range is read at once, a large one as a stream", () => {
  const request = { source, options: range(10).options, store };
  const records = readerKinds.range.readNow?.({ ...request, range: { source: 0, start: 3, end: 5 } });
  expect(records?.values).toEqual([3, 4]);
  expect(records?.locate(1).raw).toBe("4");
  expect(readerKinds.range.readNow?.({ ...request, range: { source: 0, start: 0, end: 2_000 } })).toBeNull();
});

test("ranges and items that make no sense are refused with the given value", () => {
  expect(() => range(1.5)).toThrow(/integers.*0 and 1.5/);
  expect(() => range(3, 2)).toThrow(/3 and 2/);
  expect(() => items("abc" as unknown as string[])).toThrow(/takes an array, it was given string/);
  expect(items([1, 2]).own).toEqual({ items: [1, 2] });
});
