/**
 * Rows of CSV text by uDSV, every one of them checked: uDSV is as fast as JavaScript gets, and silent about
 * rows that have too few fields (it takes their neighbour in), too many, or text after a quote.
 */
import { initParser, type Parser, type SchemaColumn } from "udsv";
import { rowEnd } from "./csv-check.ts";
import type { CsvFormat } from "./csv-format.ts";

export type Row = { readonly [column: string]: string };

const RETURN_CODE = 0x0d;
const MARK_CODE = 0xfeff;

/** Consecutive rows: `end` is where the text was left. */
export interface Rows {
  readonly rows: Row[];
  readonly end: number;
  readonly lines: number;
}

export interface RowParsers {
  /**
   * All rows of `text` from `start` to `end`, whole lines without any quote or comment. `null` if one of them
   * is not as it should be.
   */
  plain(text: string, start: number, end: number): Rows | null;
  /**
   * Rows of `text` from `start` as long as they are as they should be and no comment; stops early, beyond
   * `minEnd`, where a long run without quotes begins.
   */
  checked(text: string, start: number, minEnd: number): Rows;
  /** One row of fields. */
  object(fields: string[]): Row;
}

/** Lines without quotes are parsed apart from about this length on: that is faster, and cheaper to check. */
export const PLAIN_RUN = 1024;

export function countNewlines(text: string, start: number, end: number): number {
  let count = 0;
  for (let i = text.indexOf("\n", start); i >= 0 && i < end; i = text.indexOf("\n", i + 1)) count++;
  return count;
}

type Hook = (value: string) => string;

function parserOf(
  columns: readonly string[],
  delimiter: string,
  row: string,
  encl: string,
  last?: Hook,
): Parser {
  const cols = columns.map((name, index): SchemaColumn => {
    const column = { name, type: "s" as const, repl: { empty: undefined, null: undefined, NaN: undefined } };
    return last !== undefined && index === columns.length - 1 ? { ...column, parse: last } : column;
  });
  const schema = { skip: 0, col: delimiter, row, encl, esc: encl, trim: false, cols };
  return initParser(schema);
}

/**
 * Whether the last line before `end` has enough fields: uDSV starts again from the beginning of the text when
 * it meets the end too soon.
 */
function lastLineFills(text: string, end: number, columns: number, delimiter: string): boolean {
  let at = text.lastIndexOf("\n", end - 2);
  for (let i = 1; i < columns; i++) {
    at = text.indexOf(delimiter, at + 1);
    if (at < 0 || at >= end) return false;
  }
  return true;
}

function plainParser(columns: readonly string[], delimiter: string): RowParsers["plain"] {
  let surplus = false;
  const single = columns.length === 1;
  const parser = parserOf(columns, delimiter, "\n", "", (value) => {
    const bare = value.charCodeAt(value.length - 1) === RETURN_CODE ? value.slice(0, -1) : value;
    // With surplus fields uDSV puts them all into the last column; a blank line of a single column is no row.
    if (bare.indexOf(delimiter) >= 0 || (single && bare === "")) surplus = true;
    return bare;
  });
  return (text, start, end) => {
    // uDSV would take a byte order mark away.
    if (text.charCodeAt(start) === MARK_CODE) return null;
    if (!lastLineFills(text, end, columns.length, delimiter)) return null;
    surplus = false;
    const rows = parser.stringObjs<Row>(text.slice(start, end));
    // A short row takes the next line in and a blank one is left out: as many rows as lines means neither.
    const lines = countNewlines(text, start, end);
    return surplus || rows.length !== lines ? null : { rows, end, lines };
  };
}

/** Where the next quote is, −1 if there is none. */
export function nextQuote(text: string, from: number, { quote }: CsvFormat): number {
  return quote === null ? -1 : text.indexOf(quote, from);
}

function checkedParser(columns: readonly string[], format: CsvFormat): RowParsers["checked"] {
  const { delimiter, quote: encl, comment } = format;
  const lf = parserOf(columns, delimiter, "\n", encl ?? "");
  const crlf = parserOf(columns, delimiter, "\r\n", encl ?? "");
  return (text, start, minEnd) => {
    const good: string[][] = [];
    let end = start;
    let lines = 0;
    let quote = -1;
    const returns = text.charCodeAt(text.indexOf("\n", start) - 1) === RETURN_CODE;
    const lineEnd = returns ? "\r\n" : "\n";
    const parser = returns ? crlf : lf;
    const shape = { ...format, columns: columns.length, returns };

    const accept = (fields: string[]): boolean => {
      // uDSV leaves blank lines out.
      for (; text.startsWith(lineEnd, end); lines++) end += lineEnd.length;
      if (comment !== null && text.startsWith(comment, end)) return false;
      const newline = text.indexOf("\n", end);
      const next = rowEnd(text, end, newline, fields, shape);
      if (next < 0) return false;
      lines += next === newline + 1 ? 1 : countNewlines(text, end, next);
      end = next;
      good.push(fields);
      if (end <= quote || end < minEnd) return true;
      quote = nextQuote(text, end, format);
      return quote >= 0 && quote - end < PLAIN_RUN;
    };
    if (text.charCodeAt(start) !== MARK_CODE) parser.stringArrs<string[]>(text.slice(start), accept);
    return { rows: parser.stringObjs<Row>(good), end, lines };
  };
}

/**
 * The same for a single column, where uDSV loses rows if there may be quotes: lines without quotes at their
 * beginning.
 */
function singleChecked(object: RowParsers["object"], format: CsvFormat): RowParsers["checked"] {
  const { delimiter } = format;
  const special = [format.quote, format.comment].filter((character) => character !== null);
  return (text, start) => {
    const rows: Row[] = [];
    let end = start;
    let lines = 0;
    for (; end < text.length && !special.includes(text.charAt(end)); lines++) {
      const newline = text.indexOf("\n", end);
      const line = text.slice(end, text.charCodeAt(newline - 1) === RETURN_CODE ? newline - 1 : newline);
      if (line.includes(delimiter)) break;
      if (line !== "") rows.push(object([line]));
      end = newline + 1;
    }
    return { rows, end, lines };
  };
}

export function rowParsers(columns: readonly string[], format: CsvFormat): RowParsers {
  const { delimiter, quote } = format;
  const parser = parserOf(columns, delimiter, "\n", quote ?? "");
  const object = (fields: string[]): Row => parser.stringObjs<Row>([fields])[0] ?? {};
  const checked = columns.length === 1 ? singleChecked(object, format) : checkedParser(columns, format);
  return { plain: plainParser(columns, delimiter), checked, object };
}
