/**
 * Compares the CSV reader with an oracle that looks at every byte. `long-form.ts` says how to run many more
 * files.
 */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readerKinds } from "../../../src/input/kinds.ts";
import type { Reader } from "../../../src/input/reader.ts";
import { bytesStore, sourceOf } from "../bytes-store.ts";
import { cutAll, readAll, type ReadItem } from "../reading.ts";
import { anyBytes, blocks, keyed, readerOf, sizes, twoOfAKind } from "./csv-files.ts";
import { assertRows, countRows, LONG_FORM } from "./long-form.ts";
import { recordsOf } from "./oracle.ts";

function projected(value: unknown, pick: readonly string[]): unknown {
  if (value === undefined) return undefined;
  const row = value as { readonly [column: string]: string };
  return Object.fromEntries(pick.map((column) => [column, row[column]]));
}

test(
  "any file in any chunks gives the items of the whole file, each with its position",
  LONG_FORM,
  async () => {
    await assertRows(
      2_000,
      fc.asyncProperty(anyBytes, sizes, blocks, async ({ columns, format, bytes }, size, blockBytes) => {
        const reader = readerOf(columns, format);
        const chunks = await readAll(
          reader,
          sourceOf("f", bytes),
          bytesStore({ f: bytes }, blockBytes),
          size,
        );
        const mark = bytes.indexOf(0xef) === 0 ? 3 : 0;
        const records = recordsOf(bytes, mark, format, false);
        const start = format.header ? (records.shift()?.next ?? 0) : mark;
        expect(chunks.map((chunk) => chunk.range.start)).toEqual(
          [start, ...chunks.map((chunk) => chunk.range.end)].slice(0, chunks.length),
        );
        expect(chunks.at(-1)?.range.end ?? bytes.length).toBe(bytes.length);
        const items = chunks.flatMap((chunk) => chunk.items);
        countRows(items.length);
        expect(items.map((item) => item.value)).toEqual(
          records.map((record) => keyed(record.fields, columns)),
        );
        for (const item of items) expect(item.unreadable === null).toBe(item.value !== undefined);
        const positions = chunks.flatMap(({ range, items: own }) => {
          const before = bytes.subarray(0, range.start).filter((byte) => byte === 10).length;
          return own.map(({ position }) => ({ ...position, line: (position.line ?? 0) + before }));
        });
        expect(positions).toEqual(
          records.map(({ offset, line, raw }) => {
            const lines = raw.split("\n").length;
            return { offset, line, ...(lines > 1 ? { lines } : {}), raw, key: offset };
          }),
        );
        for (const { range, lines } of chunks) {
          const own = bytes.subarray(range.start, range.end);
          expect(lines).toBe(own.filter((byte) => byte === 10).length + (own.at(-1) === 10 ? 0 : 1));
        }
      }),
    );
  },
);

test("picked columns are the whole rows with the other columns left out", LONG_FORM, async () => {
  const picks = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 1 });
  await assertRows(
    500,
    fc.asyncProperty(anyBytes, picks, sizes, blocks, async (file, picked, size, blockBytes) => {
      const { columns, format, bytes } = file;
      const pick = picked.filter((column) => column < columns).map((column) => `c${column}`);
      fc.pre(pick.length > 0);
      const read = async (reader: Reader): Promise<ReadItem[]> => {
        const store = bytesStore({ f: bytes }, blockBytes);
        const chunks = await readAll(reader, sourceOf("f", bytes), store, size);
        return chunks.flatMap((chunk) => chunk.items);
      };
      const whole = await read(readerOf(columns, format));
      countRows(whole.length);
      expect(await read(readerOf(columns, format, pick))).toEqual(
        whole.map((item) => ({ ...item, value: projected(item.value, pick) })),
      );
    }),
  );
});

test("cutting continues after any range as if it had never stopped", async () => {
  await fc.assert(
    fc.asyncProperty(twoOfAKind, sizes, blocks, async ([one, two], size, blockBytes) => {
      const store = bytesStore({ one: one.bytes, two: two.bytes }, blockBytes);
      const sources = [sourceOf("one", one.bytes), sourceOf("two", two.bytes)];
      const request = { sources, options: readerOf(one.columns, one.format).options, store };
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

test("an item that is made again equals the first one", async () => {
  await fc.assert(
    fc.asyncProperty(anyBytes, blocks, async ({ columns, format, bytes }, blockBytes) => {
      const { options } = readerOf(columns, format);
      const request = { options, store: bytesStore({ f: bytes }, blockBytes), after: null };
      const source = sourceOf("f", bytes);
      const size = { bytes: bytes.length, items: null };
      for (const range of await cutAll(readerKinds.csv, { ...request, sources: [source] }, size)) {
        for await (const records of readerKinds.csv.read({ ...request, source, range })) {
          const read = [...records.values.entries()].filter(([, value]) => value !== undefined);
          expect(read.map(([index]) => records.again?.(index))).toEqual(read.map(([, value]) => value));
        }
      }
    }),
    { numRuns: 300 },
  );
});
