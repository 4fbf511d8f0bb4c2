import * as fc from "fast-check";
import Papa from "papaparse";
import { expect, test } from "vitest";
import { csv } from "../../src/input/csv.ts";
import { readerKinds } from "../../src/input/kinds.ts";
import { bytesStore, sourceOf } from "./bytes-store.ts";
import { recordsOf } from "./oracle.ts";
import { cutAll, readAll } from "./reading.ts";

const lineEnd = fc.constantFrom("\n", "\n", "\r\n");
const word = fc.constantFrom(
  "",
  "a",
  "bc",
  "d e",
  "ü",
  "日本",
  "😀",
  "0",
  "x\ry",
  "\uFEFF",
  "long text that goes on for a while",
);
const inQuotes = fc
  .array(fc.constantFrom("a", "", '""', ",", "\n", "\r\n", "é", " ", '"",""'), { maxLength: 4 })
  .map((parts) => `"${parts.join("")}"`);
const goodField = fc.oneof({ weight: 3, arbitrary: word }, { weight: 1, arbitrary: inQuotes });
const strangeField = fc.constantFrom('5" pipe', '"a"b', '"a" ', '"', 'x"', '"a""b', "\r", '\r"');

function files(
  columns: number,
  field: fc.Arbitrary<string>,
  lengths: fc.Arbitrary<number>,
): fc.Arbitrary<string> {
  const row = lengths.chain((length) => fc.array(field, { minLength: length, maxLength: length }));
  const line = fc.tuple(
    fc.oneof({ weight: 8, arbitrary: row }, { weight: 1, arbitrary: fc.constant([""]) }),
    lineEnd,
  );
  const header = Array.from({ length: columns }, (_, index) => `c${index}`).join(",");
  // Repeated, so that there are stretches long enough for every way of parsing.
  const lines = fc.tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom(1, 1, 30));
  return fc
    .tuple(fc.constantFrom("", "\uFEFF"), fc.constantFrom("", "\n"), lineEnd, lines, fc.boolean())
    .map(([mark, blank, end, [rows, times], trailing]) => {
      const body = rows
        .map(([fields, lf]) => fields.join(",") + lf)
        .join("")
        .repeat(times);
      return mark + blank + header + end + (trailing ? body : body.replace(/\r?\n$/, ""));
    });
}

const anyFile = fc.integer({ min: 1, max: 4 }).chain((columns) => {
  const good = fc.constant(columns);
  const lengths = fc.oneof(
    { weight: 8, arbitrary: good },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: columns + 2 }) },
  );
  const field = fc.oneof({ weight: 12, arbitrary: goodField }, { weight: 1, arbitrary: strangeField });
  return fc.record({
    columns: good,
    text: fc.oneof(files(columns, goodField, good), files(columns, field, lengths)),
  });
});

/** Some bytes replaced by one that no UTF-8 text has. */
const anyBytes = fc
  .tuple(anyFile, fc.array(fc.nat(), { maxLength: 2 }), fc.constantFrom(false, false, true))
  .map(([file, places, broken]) => {
    const bytes = Buffer.from(file.text);
    const body = bytes.indexOf(10, bytes.indexOf(0x63)) + 1;
    if (broken)
      for (const place of places)
        if (body < bytes.length) bytes[body + (place % (bytes.length - body))] = 0xff;
    return { columns: file.columns, bytes };
  });

const sizes = fc.record({
  bytes: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 10_000 })),
  items: fc.option(fc.integer({ min: 1, max: 7 }), { nil: null }),
});
const blocks = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(64, 1_000, 65_536));

function keyed(fields: readonly string[] | null, columns: number): unknown {
  if (fields?.length !== columns) return undefined;
  return Object.fromEntries(fields.map((value, index) => [`c${index}`, value]));
}

test("any file in any chunks gives the items of the whole file, each with its place", async () => {
  await fc.assert(
    fc.asyncProperty(anyBytes, sizes, blocks, async ({ columns, bytes }, size, blockBytes) => {
      const chunks = await readAll(csv(), sourceOf("f", bytes), bytesStore({ f: bytes }, blockBytes), size);
      const mark = bytes.indexOf(0xef) === 0 ? 3 : 0;
      const [header, ...records] = recordsOf(bytes, mark, ",", false);
      const start = header?.next ?? 0;
      expect(chunks.map((chunk) => chunk.range.start)).toEqual(
        [start, ...chunks.map((chunk) => chunk.range.end)].slice(0, chunks.length),
      );
      expect(chunks.at(-1)?.range.end ?? bytes.length).toBe(bytes.length);
      const items = chunks.flatMap((chunk) => chunk.items);
      expect(items.map((item) => item.value)).toEqual(records.map((record) => keyed(record.fields, columns)));
      for (const item of items) expect(item.unreadable === null).toBe(item.value !== undefined);
      const places = chunks.flatMap(({ range, items: own }) => {
        const before = bytes.subarray(0, range.start).filter((byte) => byte === 10).length;
        return own.map(({ place }) => ({ ...place, line: (place.line ?? 0) + before }));
      });
      expect(places).toEqual(records.map(({ offset, line, raw }) => ({ offset, line, raw })));
      for (const { range, lines } of chunks) {
        const own = bytes.subarray(range.start, range.end);
        expect(lines).toBe(own.filter((byte) => byte === 10).length + (own.at(-1) === 10 ? 0 : 1));
      }
    }),
    { numRuns: 2_000 },
  );
});

test("files that Papa Parse finds no fault with give Papa Parse's rows", async () => {
  const wellFormed = fc
    .integer({ min: 2, max: 4 })
    .chain((columns) => files(columns, goodField, fc.constant(columns)));
  await fc.assert(
    fc.asyncProperty(wellFormed, sizes, blocks, async (text, size, blockBytes) => {
      const newline = text.includes("\r\n") ? null : "\n";
      fc.pre(newline !== null && !text.slice(1).includes("\uFEFF"));
      const bytes = Buffer.from(text);
      const chunks = await readAll(csv(), sourceOf("f", bytes), bytesStore({ f: bytes }, blockBytes), size);
      const parsed = Papa.parse<object>(text.replace(/^\uFEFF?\n?/, ""), {
        header: true,
        newline: "\n",
        delimiter: ",",
        skipEmptyLines: true,
      });
      expect(chunks.flatMap((chunk) => chunk.items.map((item) => item.value))).toEqual(parsed.data);
    }),
    { numRuns: 400 },
  );
});

test("cutting goes on after any range as if it had never stopped", async () => {
  await fc.assert(
    fc.asyncProperty(anyBytes, anyBytes, sizes, blocks, async (one, two, size, blockBytes) => {
      const store = bytesStore({ one: one.bytes, two: two.bytes }, blockBytes);
      const sources = [sourceOf("one", one.bytes), sourceOf("two", two.bytes)];
      const request = { sources, options: csv().options, store };
      const ranges = await cutAll(readerKinds.csv, { ...request, after: null }, size);
      for (const [index, after] of ranges.entries()) {
        if (index % Math.ceil(ranges.length / 4) > 0) continue;
        expect(await cutAll(readerKinds.csv, { ...request, after }, size)).toEqual(ranges.slice(index + 1));
      }
      expect(store.open()).toBe(0);
    }),
    { numRuns: 300 },
  );
});
