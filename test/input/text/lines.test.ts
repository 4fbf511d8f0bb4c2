import * as fc from "fast-check";
import { expect, test } from "vitest";
import { jsonl } from "../../../src/input/jsonl.ts";
import { readerKinds } from "../../../src/input/kinds.ts";
import { lines } from "../../../src/input/lines.ts";
import type { Reader } from "../../../src/input/reader.ts";
import { bytesStore, sourceOf } from "../bytes-store.ts";
import { recordsOf, type OracleRecord } from "../csv/oracle.ts";
import { cutAll, readAll } from "../reading.ts";

const part = fc.constantFrom(
  "\n",
  "\n",
  "\r\n",
  "\r",
  "a",
  "ü",
  "😀",
  "{}",
  '{"a":[1]}',
  "1",
  " ",
  "\uFEFF",
  "0".repeat(50),
);
const anyBytes = fc.tuple(fc.array(part, { maxLength: 40 }), fc.option(fc.nat())).map(([parts, broken]) => {
  const bytes = Buffer.from(parts.join(""));
  if (broken !== null && bytes.length > 0) bytes[broken % bytes.length] = 0xff;
  return bytes;
});
const sizes = fc.record({
  bytes: fc.integer({ min: 1, max: 40 }),
  items: fc.option(fc.integer({ min: 1, max: 4 }), { nil: null }),
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Without a newline such text is taken for lines that end with carriage returns. */
const RETURNS = /\r[^]*\r[^]*[^\r]|\r[^]*\r[^]\r/;

const formats: [string, Reader, boolean, (text: string) => unknown][] = [
  ["lines", lines(), true, (text) => text],
  ["jsonl", jsonl(), false, parsed],
];

test.each(formats)(
  "%s: any bytes in any chunks give the items of the whole, each with its position",
  async (_, reader, blank, parse) => {
    const value = ({ fields }: OracleRecord): unknown =>
      fields?.[0] === undefined ? undefined : parse(fields[0]);
    await fc.assert(
      fc.asyncProperty(anyBytes, sizes, fc.integer({ min: 1, max: 70 }), async (bytes, size, blockBytes) => {
        const store = bytesStore({ f: bytes }, blockBytes);
        const chunks = await readAll(reader, sourceOf("f", bytes), store, size);
        const ends = chunks.map((chunk) => chunk.range.end);
        expect(chunks.map((chunk) => chunk.range.start)).toEqual([0, ...ends].slice(0, ends.length));
        expect(ends.at(-1) ?? 0).toBe(bytes.length);
        const mark = bytes.subarray(0, 3).equals(Buffer.from("\uFEFF")) ? 3 : 0;
        const records = recordsOf(bytes, mark, null, blank);
        const items = chunks.flatMap((chunk) => chunk.items);
        const returns = reader.kind === "lines" && !bytes.includes("\n") && RETURNS.test(bytes.toString());
        expect(items.map((item) => item.value)).toEqual(returns ? [undefined] : records.map(value));
        for (const item of items) expect(item.unreadable === null).toBe(item.value !== undefined);
        let before = 0;
        const positions = chunks.flatMap((chunk) => {
          const own = chunk.items.map(({ position }) => ({
            ...position,
            line: (position.line ?? 0) + before,
          }));
          before += chunk.lines ?? 0;
          return own;
        });
        expect(positions).toEqual(
          records.map(({ offset, line, raw }) => ({ offset, line, raw, key: offset })),
        );
        expect(store.open()).toBe(0);
      }),
      { numRuns: 1_500 },
    );
  },
);

test.each(formats)("%s: cutting continues after any range as if it had never stopped", async (_, reader) => {
  await fc.assert(
    fc.asyncProperty(anyBytes, anyBytes, sizes, async (one, two, size) => {
      const sources = [sourceOf("one", one), sourceOf("two", two)];
      const request = { sources, options: {}, store: bytesStore({ one, two }, 11) };
      const ranges = await cutAll(readerKinds[reader.kind], { ...request, after: null }, size);
      for (const [index, after] of ranges.entries()) {
        expect(await cutAll(readerKinds[reader.kind], { ...request, after }, size)).toEqual(
          ranges.slice(index + 1),
        );
      }
    }),
    { numRuns: 200 },
  );
});

test("cutting by bytes alone reads nothing", async () => {
  const bytes = Buffer.from("a\nb\n".repeat(100));
  const store = bytesStore({ f: bytes });
  const ranges = await cutAll(
    readerKinds.lines,
    { sources: [sourceOf("f", bytes)], options: {}, store, after: null },
    { bytes: 150, items: null },
  );
  expect(ranges.map((range) => range.end)).toEqual([150, 300, 400]);
  expect(store.bytesRead()).toBe(0);
});

test("a line that is not JSON is unreadable, and the message quotes the parser", async () => {
  const bytes = Buffer.from('{"a":1}\n{"a":\n\n[2]\n');
  const [chunk] = await readAll(jsonl(), sourceOf("f", bytes), bytesStore({ f: bytes }));
  expect(chunk?.items.map((item) => item.value)).toEqual([{ a: 1 }, undefined, [2]]);
  expect(chunk?.items[1]?.unreadable?.message).toMatch(
    /^is not JSON \(Unexpected end of JSON input\): "\{\\"a\\":"$/,
  );
  expect(chunk?.items[2]?.position).toEqual({ offset: 15, line: 3, raw: "[2]", key: 15 });
});

test.each([
  [
    "pretty-printed",
    '{\n  "a": [\n  1,\n  ],\n  "b": 2\n}\n',
    [0, 1, 3, 4, 5],
    "part of a document over several lines",
  ],
  ["concatenated", '{"a":1}{"a":2}\n', [0], "it has more than one value"],
  ["with spaces", "1 2\n", [0], "it has more than one value"],
  ["with commas", '{"a":1},\n2\n', [0], "it ends with a comma"],
  ["with carriage returns alone", '{"a":1}\r{"a":2}\r{"a":3}\r', [0], "carriage returns alone: convert them"],
])("JSON that is %s gets a sentence that says so", async (_, text, hinted, sentence) => {
  const bytes = Buffer.from(text);
  const [chunk] = await readAll(jsonl(), sourceOf("f", bytes), bytesStore({ f: bytes }));
  const messages = chunk?.items.map((item) => item.unreadable?.message ?? "") ?? [];
  expect(messages.flatMap((message, index) => (message.includes(sentence) ? [index] : []))).toEqual(hinted);
});

test("a file of lines that end with carriage returns alone is one failed item", async () => {
  for (const text of ["a\rb\rc", "a\rb\rc\r", "\uFEFFa\rb\rc"]) {
    const bytes = Buffer.from(text);
    const chunks = await readAll(lines(), sourceOf("f", bytes), bytesStore({ f: bytes }, 2), {
      bytes: 2,
      items: null,
    });
    const items = chunks.flatMap((chunk) => chunk.items);
    expect(items.map((item) => item.unreadable?.message)).toEqual([
      expect.stringContaining("has several lines (its lines end with carriage returns alone"),
    ]);
  }
});

test("every newline but the last one begins a line", async () => {
  const bytes = Buffer.from("\na\r\n\nb\n");
  const [chunk] = await readAll(lines(), sourceOf("f", bytes), bytesStore({ f: bytes }));
  expect(chunk?.items.map((item) => item.value)).toEqual(["", "a", "", "b"]);
});

test("a line that ends far beyond its range is read to its end", async () => {
  const long = "x".repeat(400_000);
  const bytes = Buffer.from(`a\n${long}\nb\n`);
  const chunks = await readAll(lines(), sourceOf("f", bytes), bytesStore({ f: bytes }, 5_000), {
    bytes: 10,
    items: null,
  });
  expect(chunks.flatMap((chunk) => chunk.items.map((item) => item.value))).toEqual(["a", long, "b"]);
});
