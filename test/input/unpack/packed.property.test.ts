import * as fc from "fast-check";
import { expect, test } from "vitest";
import { csv } from "../../../src/input/csv.ts";
import { json } from "../../../src/input/json.ts";
import { jsonl } from "../../../src/input/jsonl.ts";
import { lines } from "../../../src/input/lines.ts";
import type { Reader } from "../../../src/input/reader.ts";
import { itemsOf, PACKINGS, planOf, readAllOf, shelf } from "../spooling.ts";

const part = fc.constantFrom("\n", "\n", "\r\n", '"', ",", "a", "ü", "😀", '{"a":[1]}', " ", "0".repeat(50));
/** A text with a first line that can be a header. */
const anyText = fc.array(part, { maxLength: 60 }).map((parts) => ["h,k\n", ...parts].join(""));
const wanted = fc.record({
  count: fc.integer({ min: 1, max: 5 }),
  bytes: fc.integer({ min: 1, max: 60 }),
  items: fc.option(fc.integer({ min: 1, max: 4 }), { nil: null }),
});

const readers: [string, Reader][] = [
  ["lines", lines()],
  ["jsonl", jsonl()],
  ["csv", csv()],
];

test.each(readers)(
  "%s: packed or encoded, in any chunks, gives the items of the plain text",
  async (_, reader) => {
    await fc.assert(
      fc.asyncProperty(
        anyText,
        fc.nat(),
        wanted,
        fc.constantFrom(...Object.keys(PACKINGS)),
        fc.integer({ min: 1, max: 70 }),
        async (text, at, size, packing, blockBytes) => {
          const split = Math.min(at % (text.length + 1), text.length);
          const whole = text.slice(0, split).isWellFormed() ? split : 0;
          const bytes = PACKINGS[packing]!(text, whole);
          const packed = shelf({ [packing]: bytes }, blockBytes);
          const plan = await planOf(reader, packed, size);
          const items = await itemsOf(reader, packed, plan);
          const plain = await readAllOf(reader, { plain: text });
          const told = ({ value, unreadable, position: { offset, raw } }: (typeof items)[number]) => ({
            value,
            unreadable,
            raw,
            offset,
          });
          expect(items.map(told)).toEqual(plain.map(told));
        },
      ),
      { numRuns: 150 },
    );
  },
);

test.each([...readers, ["json", json()] as [string, Reader]])(
  "%s: a plan continues after any entry as if it had never stopped",
  async (name, reader) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(anyText, fc.constantFrom(...Object.keys(PACKINGS)), fc.boolean()), {
          minLength: 1,
          maxLength: 3,
        }),
        wanted,
        async (texts, size) => {
          const files = Object.fromEntries(
            texts.map(([text, packing, cutOff], at): [string, Uint8Array] => {
              const content = name === "json" ? JSON.stringify(text.split("\n")) : text;
              const bytes = PACKINGS[packing]!(content, 0);
              return [`${at}-${packing}`, cutOff ? bytes.subarray(0, bytes.length - 3) : bytes];
            }),
          );
          const ranges = async (from: number): Promise<unknown> => {
            // With a second source: a single source that cannot be read would end the batch.
            const shelved = shelf({ ...files, last: name === "json" ? "[1]" : "h,k\n1,2\n" }, 50);
            const all = await planOf(reader, shelved, size);
            const again = from < 0 ? all : await planOf(reader, shelved, size, all[from]);
            return again.map(({ entry, first, ranges: cut, spool }) => ({
              entry,
              first,
              cut,
              damage: spool?.damage,
            }));
          };
          const whole = (await ranges(-1)) as unknown[];
          for (let entry = 0; entry < whole.length; entry++)
            expect(await ranges(entry)).toEqual(whole.slice(entry + 1));
        },
      ),
      { numRuns: 25 },
    );
  },
);
