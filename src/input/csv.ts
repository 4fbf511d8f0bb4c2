/**
 * CSV and TSV.
 *
 * | what | policy |
 * |---|---|
 * | items | objects of strings, keyed by the header; the header is not an item |
 * | line ends | `\n` and `\r\n`, mixed too; the last record needs none; a carriage return elsewhere is data |
 * | blank lines | skipped, before the header and in files of one column too (write `""` for an empty value there) |
 * | quotes | `"` opens a field at its beginning only and is data elsewhere; `""` inside is one quote; newlines inside are data |
 * | too few or too many fields | the record is unreadable, its neighbours are not affected |
 * | text after a closing quote | the record is unreadable |
 * | a quote that is never closed | the record, that is the rest of the source, is unreadable |
 * | bytes that are not UTF-8 | the record is unreadable; a byte order mark at the beginning is skipped |
 * | a record of more than 64 MiB | unreadable |
 * | a column without name, twice the same name, `__proto__` | `INPUT_INVALID` when the batch is planned |
 * | a source of a header or blank lines only | no items |
 */
import { FanjoinError } from "../core/errors.ts";
import { quotedBorders } from "./borders.ts";
import { bordersOf, parsePiece } from "./csv-piece.ts";
import { columnsProblem, csvOptions, type CsvTable, tableOf } from "./csv-table.ts";
import { byteCutter, type ByteFormat } from "./cutters.ts";
import { located, MAX_RECORD_BYTES, type Piece, type Pieces, piecesOf } from "./pieces.ts";
import { locator } from "./places.ts";
import type { CutRequest, Cutter, Reader, ReaderKind, ReadRequest, Records } from "./reader.ts";
import { type TextOptions, textOptions } from "./text-options.ts";
import { tooLongRecord } from "./unreadable.ts";

const NEWLINE = 0x0a;

/** `Name`: the columns, where they are known when the job is written. */
export interface CsvReaderOptions<Name extends string = string> extends TextOptions {
  /** One ASCII character; default `,`. */
  readonly delimiter?: string;
  /** `first-row` (default): the first record names the columns. Else their names, for sources without a header. */
  readonly header?: "first-row" | readonly Name[];
}

function invalid(what: string): FanjoinError {
  return new FanjoinError("JOB_INVALID", what);
}

function checkDelimiter(delimiter: string): void {
  if (!/^[^"\r\n\u0080-\uffff]$/.test(delimiter)) {
    throw invalid(
      `csv() takes one ASCII character as delimiter, not a quote or a line end; it was given ${JSON.stringify(delimiter)}.`,
    );
  }
}

function checkHeader(header: "first-row" | readonly string[]): void {
  if (header === "first-row") return;
  if (!Array.isArray(header) || header.some((name) => typeof name !== "string")) {
    throw invalid(
      `csv() takes 'first-row' or a list of names as header; it was given ${JSON.stringify(header)}.`,
    );
  }
  const problem = columnsProblem(header);
  if (problem !== null) {
    throw invalid(
      `csv() was given a header that is not usable: ${problem}. Names have to be distinct and not empty.`,
    );
  }
}

/** Rows of CSV as objects of strings, keyed by the columns' names. */
export function csv<const Name extends string = string>(
  options: CsvReaderOptions<Name> = {},
): Reader<{ readonly [column in Name]: string }> {
  const { delimiter = ",", header = "first-row" } = options;
  checkDelimiter(delimiter);
  checkHeader(header);
  return { kind: "csv", options: { delimiter, header, ...textOptions(options) } };
}

/** Rows of tab-separated values, quoted like CSV. */
export function tsv<const Name extends string = string>(
  options: Omit<CsvReaderOptions<Name>, "delimiter"> = {},
): Reader<{ readonly [column in Name]: string }> {
  return csv({ ...options, delimiter: "\t" });
}

function format(given: ReadRequest["options"]): ByteFormat {
  const options = csvOptions(given);
  return {
    borders: () => quotedBorders(options.delimiter.charCodeAt(0)),
    firstRecord: async (source, store) => (await tableOf(source, store, options)).start,
    anywhere: false,
    blankIsItem: false,
  };
}

function cut(request: CutRequest): Cutter {
  return byteCutter(request, format(request.options));
}

async function origin({ source, range, options, store }: ReadRequest): ReturnType<ReaderKind["origin"]> {
  const table = await tableOf(source, store, csvOptions(options));
  return range.start === table.start ? { items: 0, lines: table.startLine } : null;
}

/** The record at the beginning of `piece` is too long to be held: it is passed. */
async function passRecord(pieces: Pieces, piece: Piece, line: number, table: CsvTable): Promise<Records> {
  pieces.unread(piece.bytes.length);
  return tooLongRecord(piece, line, await pieces.skipRecord(bordersOf(table)()));
}

/** The items of a piece; what does not end in it is given back. `null` if its first record does not and cannot be held any longer. */
function readPiece(pieces: Pieces, piece: Piece, line: number, table: CsvTable): Records | null {
  const { bytes, offset, last } = piece;
  if (!last && bytes.at(-1) !== NEWLINE) return null;
  const { values, unreadable, lines, consumed } = parsePiece(piece, table);
  if (!last && consumed === 0 && bytes.length >= MAX_RECORD_BYTES) return null;
  if (consumed < bytes.length) pieces.unread(bytes.length - consumed);
  const stretch = { bytes: bytes.subarray(0, consumed), offset, line };
  return {
    values,
    unreadable: unreadable.size === 0 ? null : unreadable,
    lines,
    locate: locator(stretch, bordersOf(table), false),
  };
}

async function* read({ source, range, options, store }: ReadRequest): AsyncGenerator<Records> {
  const table = await tableOf(source, store, csvOptions(options));
  const blocks = store.read(source.name, range.start, range.end, source.version);
  const pieces = piecesOf(located(blocks, range.start));
  let line = 0;
  try {
    for (let piece = await pieces.next(); piece !== null; piece = await pieces.next()) {
      const records = readPiece(pieces, piece, line, table) ?? (await passRecord(pieces, piece, line, table));
      line += records.lines ?? 0;
      if (records.lines !== 0) yield records;
    }
  } finally {
    await pieces.close();
  }
}

export const csvKind: ReaderKind = { unit: "bytes", indexed: false, text: { format }, cut, origin, read };
