/** The items of one piece of CSV. */
import { isUtf8 } from "node:buffer";
import type { CsvTable } from "./csv-table.ts";
import { rowHint } from "./hints.ts";
import type { Row } from "./row-shape.ts";
import { contentStop, NO_SLOTS, RowSplitter, type WalkedRecord } from "./row-splitter.ts";
import { contentEnd } from "../text/locate.ts";
import type { TextPiece } from "../text/pieces.ts";
import type { Unreadable } from "../reader.ts";
import { excerpt, notUtf8, unreadable } from "../text/unreadable.ts";

export interface ParsedPiece {
  readonly values: readonly (Row | undefined)[];
  readonly unreadable: ReadonlyMap<number, Unreadable>;
  /** Newlines, and the end of a last line without one. */
  readonly lines: number;
  /** How many bytes were parsed: the rest is a record that does not end in this piece. */
  readonly consumed: number;
}

/** A character of decoded text that was not UTF-8 (or was this character). */
const REPLACEMENT = "\uFFFD";

/** What was found so far. */
interface Found {
  readonly values: (Row | undefined)[];
  readonly unreadable: Map<number, Unreadable>;
  lines: number;
}

/** What is wrong with a record, `null` if it is a row. `text`: the record as it stands in the source. */
function problemOf(
  { problem, count, end }: WalkedRecord,
  text: () => string,
  table: CsvTable,
): Unreadable | null {
  const { length } = table.columns;
  if (problem === null && count === length) return null;
  const fields = count === 1 ? "1 field" : `${count} fields`;
  const columns = `${table.named ? "the columns are" : "the header has"} ${length}`;
  const record = withoutLineEnd(text());
  const what = problem ?? `has ${fields}, ${columns}${rowHint(record, table.format, length)}`;
  return withRest(unreadable(`${what}: ${excerpt(record)}`), end < 0 && record.includes("\n"));
}

/** `toEnd`: the record takes in the lines that follow it. */
function withRest(problem: Unreadable, toEnd: boolean): Unreadable {
  return toEnd ? { ...problem, toEnd } : problem;
}

function withoutLineEnd(text: string): string {
  return text.slice(0, contentStop(text, 0, text.endsWith("\n") ? text.length - 1 : text.length));
}

function addUnreadable(found: Found, problem: Unreadable): void {
  found.unreadable.set(found.values.length, problem);
  found.values.push(undefined);
}

function addRecord(found: Found, record: WalkedRecord, text: () => string, table: CsvTable): void {
  const problem = problemOf(record, text, table);
  if (problem === null) found.values.push(table.shape.ofFields(record.fields));
  else addUnreadable(found, problem);
}

/** Adds the one record that `bytes` hold, its line end included. `open`: by a quote that is never closed. */
function addBytes(found: Found, bytes: Buffer, open: boolean, table: CsvTable): void {
  const content = bytes.subarray(0, contentEnd(bytes, 0, bytes.length));
  if (!isUtf8(content))
    return addUnreadable(found, withRest(notUtf8(content), open && content.includes("\n")));
  const text = bytes.toString("utf8");
  addRecord(found, new RowSplitter(text, table.shape).walk(0), () => text, table);
}

/** The item of a record that is known to be a row. */
export function parseRow(record: string, table: CsvTable): Row {
  // With a line end of its own: a carriage return at the end of the record is data.
  return table.shape.ofFields(new RowSplitter(`${record}\r\n`, table.shape).walk(0).fields);
}

/** How many lines `text` has from `start` to `end`; the last one may lack its newline. */
function linesBetween(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; count++) {
    const newline = text.indexOf("\n", at);
    at = newline < 0 ? end : newline + 1;
  }
  return count;
}

function byteLengthBefore(end: number, text: string, bytes: Buffer): number {
  return text.length === bytes.length ? end : Buffer.byteLength(text.slice(0, end));
}

export function parsePiece({ bytes, last }: TextPiece, table: CsvTable): ParsedPiece {
  const decoded = bytes.toString("utf8");
  const isText = !decoded.includes(REPLACEMENT) || isUtf8(bytes);
  // With bytes that are not text, a character for each byte shows where the records are.
  const text = isText ? decoded : bytes.toString("latin1");
  const splitter = new RowSplitter(text, table.shape);
  const found: Found = { values: [], unreadable: new Map(), lines: 0 };
  for (let at = 0; at < text.length;) {
    const before = found.values.length;
    const start = isText ? splitter.addPlain(found.values, at) : at;
    found.lines += found.values.length - before;
    at = splitter.skip(start);
    if (at === start && start < text.length) {
      const record = splitter.walk(start, isText ? table.shape.slots : NO_SLOTS);
      if (record.end < 0 && !last) return { ...found, consumed: byteLengthBefore(start, text, bytes) };
      at = record.end < 0 ? text.length : record.end;
      if (isText) addRecord(found, record, () => text.slice(start, at), table);
      else addBytes(found, bytes.subarray(start, at), record.end < 0, table);
    }
    found.lines += linesBetween(text, start, at);
  }
  return { ...found, consumed: bytes.length };
}
