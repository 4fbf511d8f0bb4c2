/** Lines that are left out, and headers that are replaced: for all files and cuts. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { csv } from "../../../src/input/csv.ts";
import { readerKinds } from "../../../src/input/kinds.ts";
import { bytesStore, sourceOf } from "../bytes-store.ts";
import { readAll } from "../reading.ts";
import { itemsOf, PACKINGS, planOf, shelf } from "../spooling.ts";
import { anyBytes, blocks, type CsvFile, keyed, sizes } from "./csv-files.ts";
import { recordsOf } from "./oracle.ts";

const skippedLine = fc.constantFrom("", "title", 'say "a', "a,b;c\td", "#", "\r", "ü😀", "x".repeat(90));
const skipped = fc.array(fc.tuple(skippedLine, fc.constantFrom("\n", "\r\n")), { maxLength: 4 });
const MARK = Buffer.from("\uFEFF");

/** The bytes of a file under the lines that are left out; a byte order mark stays at the beginning. */
function under(lines: readonly (readonly string[])[], { bytes }: CsvFile): { bytes: Buffer; start: number } {
  const mark = bytes.subarray(0, MARK.length).equals(MARK) ? MARK : Buffer.alloc(0);
  const before = Buffer.concat([mark, Buffer.from(lines.flat().join(""))]);
  return { bytes: Buffer.concat([before, bytes.subarray(mark.length)]), start: before.length };
}

function readerOf({ columns, format }: CsvFile, skipLines: number) {
  const { delimiter, quote, comment, header } = format;
  return csv({
    delimiter,
    quote: quote ?? false,
    ...(comment === null ? {} : { comment }),
    columns: Array.from({ length: columns }, (_, index) => `c${index}`),
    header,
    skipLines,
  });
}

test("any cut of a file under skipped lines gives its items, with the positions in the whole file", async () => {
  await fc.assert(
    fc.asyncProperty(anyBytes, skipped, sizes, blocks, async (file, lines, size, blockBytes) => {
      const { bytes, start } = under(lines, file);
      const reader = readerOf(file, lines.length);
      const source = sourceOf("f", bytes);
      const store = bytesStore({ f: bytes }, blockBytes);
      const records = recordsOf(bytes, start, file.format, false);
      const first = file.format.header ? (records.shift()?.next ?? bytes.length) : start;
      const chunks = await readAll(reader, source, store, size);
      const items = chunks.flatMap((chunk) => chunk.items);
      expect(items.map(({ value }) => value)).toEqual(
        records.map(({ fields }) => keyed(fields, file.columns)),
      );
      expect(items.map(({ position }) => [position.offset, position.raw])).toEqual(
        records.map(({ offset, raw }) => [offset, raw]),
      );
      const [chunk] = chunks;
      fc.pre(chunk !== undefined);
      expect(chunk.range.start).toBe(first);
      const origin = await readerKinds.csv.origin({
        source,
        range: chunk.range,
        options: reader.options,
        store,
      });
      const before = bytes.subarray(0, first).filter((byte) => byte === 10).length;
      expect(origin).toEqual({ items: 0, lines: before });
      expect(store.open()).toBe(0);
    }),
    { numRuns: 800 },
  );
});

test("packed and encoded, and after a file without items, the items are the same", async () => {
  const names = fc.constantFrom(...Object.keys(PACKINGS));
  await fc.assert(
    fc.asyncProperty(
      skipped,
      names,
      sizes,
      fc.integer({ min: 1, max: 60 }),
      async (lines, name, size, blockBytes) => {
        const text = `${lines.flat().join("")}a,b\n1,"x\ny"\n3\nü,4`;
        // Not within a character.
        const split = text.slice(0, 5).isWellFormed() ? 5 : 4;
        const shelved = shelf(
          { "empty.csv": "", [name]: PACKINGS[name]!(text, split), "plain.csv": text },
          blockBytes,
        );
        for (const columns of [undefined, ["a", "b"] as const]) {
          const reader = csv({ columns, header: true, skipLines: lines.length });
          const items = await itemsOf(reader, shelved, await planOf(reader, shelved, { count: 2, ...size }));
          const rows = [{ a: "1", b: "x\ny" }, undefined, { a: "ü", b: "4" }];
          expect(items.map(({ value }) => value)).toEqual([...rows, ...rows]);
          const at = Buffer.byteLength(text.slice(0, text.indexOf("1,")));
          expect(items.map(({ position }) => position.offset)).toEqual([
            at,
            at + 8,
            at + 10,
            at,
            at + 8,
            at + 10,
          ]);
        }
      },
    ),
    { numRuns: 200 },
  );
});
