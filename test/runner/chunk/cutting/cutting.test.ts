/** Where a chunk is cut: before which item, and how the rest is divided. */
import { expect, test } from "vitest";
import { placeIn } from "../../../../src/core/records/source-run.ts";
import { csv } from "../../../../src/input/csv.ts";
import { readerKinds } from "../../../../src/input/kinds.ts";
import { lines } from "../../../../src/input/lines.ts";
import { range } from "../../../../src/input/range.ts";
import type { Reader, Records } from "../../../../src/input/reader.ts";
import type { ChunkReading } from "../../../../src/input/cut/spooled.ts";
import { partStarts, positionOf } from "../../../../src/runner/chunk/cutting/cutting.ts";
import { bytesStore, sourceOf } from "../../../input/bytes-store.ts";

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
/** Of 600 KB: a reader yields its records in several groups. */
const CSV = `id,note\n${upTo(300)
  .map((n) => `${n},"${"x".repeat(2000)}${n % 3 === 0 ? "\n" : ""}"\n`)
  .join("")}`;

function readingOf(reader: Reader, text: string, exact = false): ChunkReading {
  const source = sourceOf("in", Buffer.from(text));
  const end = reader.own && "to" in reader.own ? reader.own.to : source.size;
  const store = bytesStore({ in: Buffer.from(text) }, 16_384);
  const place = { source: 0, start: 0, end };
  const request = { source, range: place, options: reader.options, store, ...(exact ? { exact } : {}) };
  return { kind: readerKinds[reader.kind], request };
}

async function groupsOf({ kind, request }: ChunkReading): Promise<Records[]> {
  return Array.fromAsync(kind.read(request));
}

async function keysOf(reading: ChunkReading): Promise<number[]> {
  return (await groupsOf(reading)).flatMap((group) =>
    group.values.map((_, index) => group.locate(index).key),
  );
}

const inTime = { isRun: false, isLate: () => false };

test("the rest of a range of items is divided evenly, into an item each at most", async () => {
  const reading = readingOf(range(100), "");
  expect(await partStarts(reading, 40, { parts: 3, ...inTime })).toEqual([40, 60, 80]);
  expect(await partStarts(reading, 97, { parts: 10, ...inTime })).toEqual([97, 98, 99]);
  expect(await partStarts(reading, 40, { parts: 1, ...inTime })).toEqual([40]);
});

test("lines are divided at any byte: each part finds its first line itself; but not in text of whole lines", async () => {
  const text = "line\n".repeat(100);
  expect(await partStarts(readingOf(lines(), text), 11, { parts: 3, ...inTime })).toEqual([11, 174, 337]);
  expect(await partStarts(readingOf(lines(), text, true), 10, { parts: 3, ...inTime })).toEqual([
    10, 175, 340,
  ]);
});

test("parts of rows begin with the first row at or behind an even cut", async () => {
  const reading = readingOf(csv(), CSV);
  const keys = await keysOf(reading);
  const from = keys[20] ?? 0;
  for (const parts of [2, 3, 7, 50]) {
    const { end } = reading.request.range;
    const even = upTo(parts).map((n) => from + Math.round((n * (end - from)) / parts));
    const expected = even.map((at) => keys.find((key) => key >= at));
    expect(await partStarts(reading, from, { parts, ...inTime })).toEqual(expected);
  }
});

test("lines that begin at even cuts are the parts", async () => {
  const reading = readingOf(csv(), `id\n${"1234567\n".repeat(8)}`);
  const [, ...keys] = await keysOf(reading);
  expect(keys).toHaveLength(8);
  expect(await partStarts(reading, keys[0] ?? 0, { parts: 8, ...inTime })).toEqual(keys);
  expect(await partStarts(reading, keys[0] ?? 0, { parts: 2, ...inTime })).toEqual([keys[0], keys[4]]);
});

test("more parts than there are records have a record each", async () => {
  const reading = readingOf(csv(), "id\n1\n2\n3\n4\n");
  const keys = await keysOf(reading);
  expect(await partStarts(reading, keys[1] ?? 0, { parts: 100, ...inTime })).toEqual(keys.slice(1));
});

test("no place is looked for once it is late: the rest is one part, or as many as were found", async () => {
  const reading = readingOf(csv(), CSV);
  const keys = await keysOf(reading);
  const from = keys[0] ?? 0;
  expect(await partStarts(reading, from, { parts: 30, isRun: false, isLate: () => true })).toEqual([from]);
  let looks = 0;
  const late = await partStarts(reading, from, { parts: 30, isRun: false, isLate: () => looks++ > 1 });
  expect(late.length).toBeGreaterThan(1);
  expect(late.length).toBeLessThan(30);
});

test("reading on ends with the last place that is wanted", async () => {
  const reading = readingOf(csv(), CSV);
  const [from = 0] = await keysOf(reading);
  const store = bytesStore({ in: Buffer.from(CSV) }, 16_384);
  const counted = { ...reading, request: { ...reading.request, store } };
  await partStarts(counted, from, { parts: 1, ...inTime });
  expect(store.bytesRead()).toBe(0);
  await partStarts(counted, from, { parts: 2, ...inTime });
  expect(store.bytesRead()).toBeGreaterThan(CSV.length * 0.5);
  expect(store.bytesRead()).toBeLessThan(CSV.length * 0.8);
  expect(store.open()).toBe(0);
});

test("a run is divided where its sources begin", async () => {
  const reading = readingOf(csv(), CSV);
  const run = {
    ...reading,
    request: { ...reading.request, range: { source: 0, start: 0, end: placeIn(4, 0) } },
  };
  const starts = (from: number, parts: number): Promise<number[]> =>
    partStarts(run, from, { parts, isRun: true, isLate: () => false });
  expect(await starts(placeIn(0, 5), 4)).toEqual([placeIn(0, 5), placeIn(2, 0), placeIn(3, 0)]);
  expect(await starts(placeIn(1, 7), 2)).toEqual([placeIn(1, 7), placeIn(3, 0)]);
  // Nothing begins behind it.
  expect(await starts(placeIn(3, 7), 5)).toEqual([placeIn(3, 7)]);
});

test("the position of an item is its number where items are counted, and else its offset", async () => {
  const indexed = readingOf(range(100), "");
  const later = { ...indexed, request: { ...indexed.request, range: { source: 0, start: 30, end: 100 } } };
  const [numbers] = await groupsOf(later);
  expect(numbers && positionOf(later, { records: numbers, index: 2, before: 5 })).toBe(37);
  const text = readingOf(lines(), "a\nbb\nc\n");
  const [records] = await groupsOf(text);
  expect(records && positionOf(text, { records, index: 2, before: 0 })).toBe(5);
});
