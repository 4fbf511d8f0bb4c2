/**
 * The items of one piece of CSV. The fast parser proposes rows; what it does not get right is parsed record
 * by record.
 */
import { isUtf8 } from "node:buffer";
import { bordersOf, type CsvFormat } from "./csv-format.ts";
import { parseRecord } from "./csv-record.ts";
import { countNewlines, nextQuote, PLAIN_RUN, type Row } from "./csv-rows.ts";
import type { CsvTable } from "./csv-table.ts";
import { newlinesIn, type TextPiece } from "../text/pieces.ts";
import { contentEnd, lastSpansOf, spansOf } from "../text/locate.ts";
import type { Unreadable } from "../reader.ts";
import { excerpt, notUtf8, unreadable } from "../text/unreadable.ts";

export interface ParsedPiece {
  readonly values: (Row | undefined)[];
  readonly unreadable: Map<number, Unreadable>;
  /** Newlines, and the end of a last line without one. */
  readonly lines: number;
  /** How many bytes were parsed: the rest is a record that does not end in this piece. */
  readonly consumed: number;
}

const NEWLINE = 0x0a;

/** What was found so far. */
interface Found {
  values: (Row | undefined)[];
  readonly unreadable: Map<number, Unreadable>;
  lines: number;
}

/** Adds the one record that `bytes` (without a line end) hold. */
function addRecord(found: Found, bytes: Buffer, table: CsvTable): void {
  const row = readRow(bytes, table);
  if ("fields" in row) {
    found.values.push(table.parsers.object(row.fields));
  } else {
    found.unreadable.set(found.values.length, row.problem);
    found.values.push(undefined);
  }
}

function readRow(bytes: Buffer, table: CsvTable): { fields: string[] } | { problem: Unreadable } {
  if (!isUtf8(bytes)) return { problem: notUtf8(bytes) };
  const text = bytes.toString("utf8");
  const parsed = parseRecord(text, table.format);
  if ("problem" in parsed) return { problem: unreadable(`${parsed.problem}: ${excerpt(text)}`) };
  const count = parsed.fields.length;
  if (count === table.columns.length) return parsed;
  const fields = count === 1 ? "1 field" : `${count} fields`;
  const columns = `${table.given ? "the columns are" : "the header has"} ${table.columns.length}`;
  return { problem: unreadable(`has ${fields}, ${columns}: ${excerpt(text)}`) };
}

/** Where characters of a text are in its bytes. Asked for in ascending order. */
function bytePositions(piece: TextPiece, text: string): (index: number) => number {
  // As many characters as bytes: all ASCII.
  if (text.length === piece.bytes.length) return (index) => index;
  let character = 0;
  let byte = 0;
  return (index) => {
    byte += Buffer.byteLength(text.slice(character, index));
    character = index;
    return byte;
  };
}

/** The record at a byte, parsed with care: where it ends, −1 if that is not in the piece. */
function addCareful(found: Found, piece: TextPiece, start: number, table: CsvTable): number {
  const borders = bordersOf(table.format)();
  borders.feed(piece.bytes.subarray(start));
  const length = borders.next(0);
  if (length < 0 && !piece.last) return -1;
  const end = length < 0 ? piece.bytes.length : start + length;
  addRecord(found, piece.bytes.subarray(start, contentEnd(piece.bytes, start, end)), table);
  found.lines += linesIn(piece.bytes.subarray(start, end));
  return end;
}

function linesIn(bytes: Buffer): number {
  return newlinesIn(bytes) + (bytes.length === 0 || bytes.at(-1) === NEWLINE ? 0 : 1);
}

/** The end of the blank lines and comments at `at`. */
function afterBlank(text: string, at: number, { comment }: CsvFormat): number {
  const isBlank = (start: number): boolean =>
    text.startsWith("\n", start) ||
    text.startsWith("\r\n", start) ||
    (comment !== null && text.startsWith(comment, start));
  let end = at;
  while (isBlank(end)) end = text.indexOf("\n", end) + 1;
  return end;
}

/** The end of the whole lines at `at` that hold no quote and no comment. */
function plainEnd(text: string, at: number, format: CsvFormat): number {
  const quote = nextQuote(text, at, format);
  const end = quote < 0 ? text.length : text.lastIndexOf("\n", quote) + 1;
  const comment = format.comment === null ? -1 : text.indexOf(`\n${format.comment}`, at);
  return comment < 0 ? end : Math.min(end, comment + 1);
}

/**
 * Adds rows by the fast parser, as far as it gets. `noPlain`: up to where the faster of its two ways has
 * failed.
 */
function addFast(
  found: Found,
  text: string,
  at: number,
  noPlain: number,
  { parsers, format }: CsvTable,
): { at: number; noPlain: number } {
  const runEnd = plainEnd(text, at, format);
  const isRun = runEnd - at >= PLAIN_RUN && at >= noPlain;
  const tried = isRun ? parsers.plain(text, at, runEnd) : null;
  const failed = isRun && tried === null ? runEnd : noPlain;
  const parsed = tried ?? parsers.checked(text, at, failed);
  if (found.values.length === 0) found.values = parsed.rows;
  else for (const row of parsed.rows) found.values.push(row);
  found.lines += parsed.lines;
  return { at: parsed.end, noPlain: failed };
}

function parseText(piece: TextPiece, table: CsvTable): ParsedPiece {
  const found: Found = { values: [], unreadable: new Map(), lines: 0 };
  const content = piece.bytes.toString("utf8");
  const byteAt = bytePositions(piece, content);
  // A last line without newline is like any other. (Inside quotes it is not: the bytes tell that it does not
  // end.)
  const text = content.endsWith("\n") ? content : `${content}\n`;
  let noPlain = 0;
  for (let at = 0; at < text.length;) {
    const start = afterBlank(text, at, table.format);
    found.lines += countNewlines(text, at, start);
    if (start === text.length) break;
    ({ at, noPlain } = addFast(found, text, start, noPlain, table));
    if (at > start) continue;
    const byte = byteAt(start);
    const end = addCareful(found, piece, byte, table);
    if (end < 0) return { ...found, consumed: byte };
    at = end === piece.bytes.length ? text.length : start + piece.bytes.toString("utf8", byte, end).length;
  }
  return { ...found, consumed: piece.bytes.length };
}

/** Record by record, for a piece with bytes that are not text. */
function parseBroken(piece: TextPiece, table: CsvTable): ParsedPiece {
  const found: Found = { values: [], unreadable: new Map(), lines: 0 };
  const { spans, open } = spansOf(piece.bytes, bordersOf(table.format), false);
  const consumed = piece.last ? piece.bytes.length : open;
  const all = piece.last ? lastSpansOf(piece.bytes, bordersOf(table.format), false) : spans;
  for (const span of all) addRecord(found, piece.bytes.subarray(span.start, span.end), table);
  found.lines = linesIn(piece.bytes.subarray(0, consumed));
  return { ...found, consumed };
}

export function parsePiece(piece: TextPiece, table: CsvTable): ParsedPiece {
  return isUtf8(piece.bytes) ? parseText(piece, table) : parseBroken(piece, table);
}
