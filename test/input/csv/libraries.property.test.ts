/**
 * Compares the CSV reader with two libraries, on files without faults: there they have the same policy.
 * `long-form.ts` says how to run many more files.
 */
import * as fc from "fast-check";
import Papa from "papaparse";
import { initParser } from "udsv";
import { expect, test } from "vitest";
import { bytesStore, sourceOf } from "../bytes-store.ts";
import { readAll } from "../reading.ts";
import { blocks, type Format, files, formats, goodField, keyed, readerOf, sizes } from "./csv-files.ts";
import { assertRows, countRows, LONG_FORM } from "./long-form.ts";

/** Files without faults, their lines ended by newlines only. */
const wellFormed = fc
  .tuple(fc.integer({ min: 2, max: 4 }), formats)
  .chain(([columns, format]) =>
    fc.record({
      columns: fc.constant(columns),
      format: fc.constant(format),
      text: files(columns, format, goodField(format), fc.constant(columns)),
    }),
  )
  .filter(({ text }) => !text.includes("\r\n") && !text.slice(1).includes("\uFEFF"));

interface Library {
  readonly name: string;
  /** Whether it has a policy for such files. */
  takes(format: Format): boolean;
  rowsOf(text: string, columns: number, format: Format): readonly (readonly string[])[];
}

const papaParse: Library = {
  name: "Papa Parse",
  takes: () => true,
  rowsOf(text, _, { delimiter, quote, comment }) {
    const quoting = quote === null ? { fastMode: true } : { quoteChar: quote };
    const comments = comment ?? false;
    const options = { newline: "\n", delimiter, comments, skipEmptyLines: true, ...quoting } as const;
    return Papa.parse<string[]>(text, options).data;
  },
};

const uDsv: Library = {
  name: "uDSV",
  takes: ({ comment }) => comment === null,
  rowsOf(text, columns, { delimiter, quote }) {
    const cols = Array.from({ length: columns }, (_, index) => ({
      name: `c${index}`,
      type: "s" as const,
      repl: { empty: undefined, null: undefined, NaN: undefined },
    }));
    const encl = quote ?? "";
    const schema = { skip: 0, col: delimiter, row: "\n", encl, esc: encl, trim: false, cols };
    // It reads no text without records; a tab alone may be one.
    return text.replaceAll("\n", "") === "" ? [] : initParser(schema).stringArrs<string[]>(text);
  },
};

test.each([papaParse, uDsv])(
  "rows of files without faults are those of $name",
  LONG_FORM,
  async (library) => {
    await assertRows(
      600,
      fc.asyncProperty(wellFormed, sizes, blocks, async ({ columns, format, text }, size, blockBytes) => {
        fc.pre(library.takes(format));
        const bytes = Buffer.from(text);
        const reader = readerOf(columns, format);
        const store = bytesStore({ f: bytes }, blockBytes);
        const chunks = await readAll(reader, sourceOf("f", bytes), store, size);
        const values = chunks.flatMap((chunk) => chunk.items.map((item) => item.value));
        countRows(values.length);
        const rows = library
          .rowsOf(text.replace(/^\uFEFF?/, ""), columns, format)
          .slice(format.header ? 1 : 0);
        expect(values).toEqual(rows.map((fields) => keyed(fields, columns)));
      }),
    );
  },
);
