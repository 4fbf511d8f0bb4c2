/** Random CSV files: all delimiters, quotes, comments and line ends, with and without faults. */
import * as fc from "fast-check";
import { csv } from "../../../src/input/csv.ts";
import type { Reader } from "../../../src/input/reader.ts";
import { COMMAS, type OracleFormat } from "./oracle.ts";

/** How a random file is written and read. */
export interface Format extends OracleFormat {
  /** The job names the columns; the file may have a header nevertheless. */
  readonly given: boolean;
  readonly header: boolean;
}

export const formats: fc.Arbitrary<Format> = fc.oneof(
  { weight: 1, arbitrary: fc.constant<Format>({ ...COMMAS, given: false, header: true }) },
  {
    weight: 2,
    arbitrary: fc
      .record({
        delimiter: fc.constantFrom(",", ";", "\t", "|", " ", "\u0001"),
        quote: fc.constantFrom('"', "'", "$", null),
        comment: fc.constantFrom(null, "#", "%"),
        given: fc.boolean(),
        header: fc.boolean(),
      })
      .map((format) => ({ ...format, header: format.header || !format.given })),
  },
);

const lineEnd = fc.constantFrom("\n", "\n", "\r\n");
const word = fc.constantFrom(
  "",
  "a",
  "bc",
  "d-e",
  "ü",
  "日本",
  "😀",
  "0",
  "x\ry",
  "\uFEFF",
  "\0",
  "a#b",
  "long-text-that-goes-on-for-a-while",
);

/** A quoted field. */
function inQuotes({ quote, delimiter, comment }: Format): fc.Arbitrary<string> {
  const q = quote ?? "";
  const c = comment ?? "#";
  const parts = ["a", "", q + q, delimiter, "\n", "\r\n", "é", " ", q + q + delimiter + q + q, `\n${c}`, "'"];
  return fc
    .array(fc.constantFrom(...parts.filter((part) => part !== q)), { maxLength: 4 })
    .map((content) => `${q}${content.join("")}${q}`);
}

export function goodField(format: Format): fc.Arbitrary<string> {
  if (format.quote === null) return word;
  return fc.oneof({ weight: 3, arbitrary: word }, { weight: 1, arbitrary: inQuotes(format) });
}

function strangeField({ quote, comment }: Format): fc.Arbitrary<string> {
  const q = quote ?? '"';
  const c = comment ?? "#";
  const closed = [`${q}a${q}b`, `${q}a${q} `, `${q}a${q}\t`, `${q}a${q}\r`, `${q}a${q}${q}b`];
  return fc.constantFrom(`5${q} pipe`, ...closed, q, `x${q}`, "\r", `\r${q}`, c, ` ${q}a${q}`, '"', "'");
}

/** A comment line; a blank line if the format has no comments. */
function commentLine({ comment, quote, delimiter }: Format): fc.Arbitrary<string[]> {
  if (comment === null) return fc.constant([""]);
  const q = quote ?? "'";
  return fc.constantFrom(
    [comment],
    [`${comment} it is`],
    [`${comment}a${delimiter}${q}b`],
    [`${comment}a${delimiter}b`],
    [`${comment}${q}`],
  );
}

/** The header line. */
function headerText(columns: number, format: Format): string {
  return Array.from({ length: columns }, (_, index) => `c${index}`).join(format.delimiter);
}

export function files(
  columns: number,
  format: Format,
  field: fc.Arbitrary<string>,
  lengths: fc.Arbitrary<number>,
): fc.Arbitrary<string> {
  const row = lengths.chain((length) => fc.array(field, { minLength: length, maxLength: length }));
  const skipped = fc.oneof(fc.constant([""]), commentLine(format));
  const line = fc.tuple(fc.oneof({ weight: 8, arbitrary: row }, { weight: 1, arbitrary: skipped }), lineEnd);
  // Repeated, so that there are long runs of lines without quotes.
  const lines = fc.tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom(1, 1, 30));
  const before = fc.oneof(
    fc.constantFrom("", "\n"),
    commentLine(format).map(([text]) => `${text}\n`),
  );
  return fc
    .tuple(fc.constantFrom("", "\uFEFF"), before, lineEnd, lines, fc.boolean())
    .map(([mark, first, end, [rows, times], trailing]) => {
      const body = rows
        .map(([fields, lf]) => fields.join(format.delimiter) + lf)
        .join("")
        .repeat(times);
      const head = mark + first + (format.header ? headerText(columns, format) + end : "");
      return head + (trailing ? body : body.replace(/\r?\n$/, ""));
    });
}

export interface CsvFile {
  readonly columns: number;
  readonly format: Format;
  readonly bytes: Buffer;
}

function anyText(columns: number, format: Format): fc.Arbitrary<string> {
  const good = fc.constant(columns);
  const lengths = fc.oneof(
    { weight: 8, arbitrary: good },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: columns + 2 }) },
  );
  const field = fc.oneof(
    { weight: 12, arbitrary: goodField(format) },
    { weight: 1, arbitrary: strangeField(format) },
  );
  return fc.oneof(files(columns, format, goodField(format), good), files(columns, format, field, lengths));
}

/** Some bytes may be replaced by one that is never valid UTF-8. */
function anyFile(columns: number, format: Format): fc.Arbitrary<CsvFile> {
  return fc
    .tuple(
      anyText(columns, format),
      fc.array(fc.nat(), { maxLength: 2 }),
      fc.constantFrom(false, false, true),
    )
    .map(([text, offsets, broken]) => {
      const bytes = Buffer.from(text);
      const body = format.header ? bytes.indexOf(10, bytes.indexOf("c0")) + 1 : 3;
      if (broken)
        for (const offset of offsets)
          if (body < bytes.length) bytes[body + (offset % (bytes.length - body))] = 0xff;
      return { columns, format, bytes };
    });
}

export const shapes = fc.tuple(fc.integer({ min: 1, max: 4 }), formats);
export const anyBytes = shapes.chain((shape) => anyFile(...shape));
export const twoOfAKind = shapes.chain((shape) => fc.tuple(anyFile(...shape), anyFile(...shape)));

export function readerOf(
  columns: number,
  { delimiter, quote, comment, given, header }: Format,
  pick?: readonly string[],
): Reader {
  const names = Array.from({ length: columns }, (_, index) => `c${index}`);
  return csv({
    delimiter,
    quote: quote ?? false,
    ...(comment === null ? {} : { comment }),
    ...(given ? { columns: names, header } : {}),
    pick,
  });
}

export const sizes = fc.record({
  bytes: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 10_000 })),
  items: fc.option(fc.integer({ min: 1, max: 7 }), { nil: null }),
});
export const blocks = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(64, 1_000, 65_536));

/** The item of a record; `undefined` if the record is not a row. */
export function keyed(fields: readonly string[] | null, columns: number): unknown {
  if (fields?.length !== columns) return undefined;
  return Object.fromEntries(fields.map((value, index) => [`c${index}`, value]));
}
