/**
 * CSV and TSV. Their policy for every kind of input is a table in docs/input.md; `test/input` tests each
 * line.
 */
import { bordersOf, type CsvFormat, csvOptions } from "./csv/csv-format.ts";
import { type CsvReaderOptions, parseCsvOptions } from "./csv/csv-options.ts";
import { type ParsedPiece, parsePiece, parseRow } from "./csv/csv-piece.ts";
import { type CsvTable, tableOf } from "./csv/csv-table.ts";
import { byteCutter } from "./text/cutters.ts";
import { located, type TextPiece, type Pieces, piecesOf } from "./text/pieces.ts";
import { locator } from "./text/locate.ts";
import type {
  ByteFormat,
  CutRequest,
  Cutter,
  Origin,
  Reader,
  ReaderKind,
  ReadRequest,
  Records,
} from "./reader.ts";
import { unreadableReturns } from "./text/line-ends.ts";
import { tooLongRecord } from "./text/unreadable.ts";

const NEWLINE = 0x0a;

/** Rows of CSV as objects of strings, keyed by the columns' names. Throws `JOB_INVALID`. */
export function csv<const Name extends string = string, const Picked extends Name = Name>(
  options: CsvReaderOptions<Name, Picked> = {},
): Reader<{ readonly [column in Picked]: string }> {
  return { kind: "csv", options: parseCsvOptions(options) };
}

/** Rows of tab-separated values, quoted like CSV. */
export function tsv<const Name extends string = string, const Picked extends Name = Name>(
  options: Omit<CsvReaderOptions<Name, Picked>, "delimiter"> = {},
): Reader<{ readonly [column in Picked]: string }> {
  return csv({ ...options, delimiter: "\t" });
}

function format(stored: ReadRequest["options"]): ByteFormat {
  const options = csvOptions(stored);
  return {
    borders: bordersOf(options),
    firstRecord: async (source, store) => (await tableOf(source, store, options)).start,
    anywhere: false,
    blankIsItem: false,
  };
}

function cut(request: CutRequest): Cutter {
  return byteCutter(request, format(request.options));
}

async function origin({ source, range, options, store }: ReadRequest): Promise<Origin | null> {
  const table = await tableOf(source, store, csvOptions(options));
  return range.start === table.start ? { items: 0, lines: table.startLine } : null;
}

/** Skips the record at the beginning of `piece`, which is too long to be held. A comment is not a record. */
async function passRecord(
  pieces: Pieces,
  piece: TextPiece,
  line: number,
  format: CsvFormat,
): Promise<Records> {
  pieces.unread(piece.bytes.length);
  const skipped = await pieces.skipRecord(bordersOf(format)());
  const { values, unreadable, ...records } = tooLongRecord(piece, line, {
    ...skipped,
    hint: " (is a quote never closed?)",
  });
  const comment = format.comment !== null && piece.bytes.toString("latin1", 0, 1) === format.comment;
  return comment ? { ...records, values: [], unreadable: null } : { ...records, values, unreadable };
}

/**
 * A source without a header and with one column is never torn by its fields: if it is one record, it may be
 * many lines that end with carriage returns.
 */
function onlyRecord({ bytes, offset, last }: TextPiece, table: CsvTable): ParsedPiece | null {
  const { columns, start, format } = table;
  if (columns.length !== 1 || offset !== start || !last || bytes.includes(NEWLINE)) return null;
  const text = bytes.toString("utf8");
  const problem = format.quote !== null && text.startsWith(format.quote) ? null : unreadableReturns(text);
  if (problem === null) return null;
  const unreadable = new Map([[0, problem]]);
  return { values: [undefined], unreadable, lines: 1, consumed: bytes.length };
}

/**
 * The items of a piece; a record that does not end in it is given back. `null` if the first record does not
 * end in it, and the piece cannot grow any more.
 */
function readPiece(pieces: Pieces, piece: TextPiece, line: number, table: CsvTable): Records | null {
  const { bytes, offset, last, most } = piece;
  if (!last && bytes.at(-1) !== NEWLINE) return null;
  const { values, unreadable, lines, consumed } = onlyRecord(piece, table) ?? parsePiece(piece, table);
  if (!last && consumed === 0 && most) return null;
  if (consumed < bytes.length) pieces.unread(bytes.length - consumed);
  const block = { bytes: bytes.subarray(0, consumed), offset, line };
  const locate = locator(block, bordersOf(table.format), false);
  return {
    values,
    unreadable: unreadable.size === 0 ? null : unreadable,
    lines,
    locate,
    again: (index) => parseRow(locate(index).raw, table),
  };
}

async function* read({ source, range, options, store }: ReadRequest): AsyncGenerator<Records> {
  const table = await tableOf(source, store, csvOptions(options));
  const blocks = store.read(source.name, range.start, range.end, source.version);
  const pieces = piecesOf(located(blocks, range.start));
  let line = 0;
  try {
    for (let piece = await pieces.next(); piece !== null; piece = await pieces.next()) {
      const records =
        readPiece(pieces, piece, line, table) ?? (await passRecord(pieces, piece, line, table.format));
      line += records.lines ?? 0;
      if (records.lines !== 0) yield records;
    }
  } finally {
    await pieces.close();
  }
}

export const csvKind: ReaderKind = { unit: "bytes", indexed: false, text: { format }, cut, origin, read };
