/**
 * Splits CSV text into rows and fields. Delimiters, quotes and newlines are found by native searches
 * (`indexOf`), never character by character. A row that is a plain line is split in the fast loop of
 * `addPlain`; any other record is walked field by field.
 */
import type { CsvFormat } from "./csv-format.ts";
import { type Row, rowShape, type RowShape } from "./row-shape.ts";

const RETURN_CODE = 0x0d;
/** The code of no character. */
const NEVER = -1;

const NEVER_CLOSED = "has a quote that is never closed";
const TEXT_AFTER_QUOTE = "has text after a closing quote";

/**
 * How many characters of a quoted field are unescaped at a time: that takes little memory beside the field.
 */
const UNESCAPED_CHARACTERS = 256 * 1024;

/** For a walk that finds the end of a record and wants none of its fields. */
export const NO_SLOTS = new Int32Array(0);

/** One record, walked field by field. */
export interface WalkedRecord {
  /** The wanted fields. Incomplete if there is a problem or the number of fields is wrong. */
  readonly fields: readonly string[];
  readonly count: number;
  /** The first thing that is wrong with its quotes ("has …"), `null` if they are as they should be. */
  readonly problem: string | null;
  /** After its line end; −1 if a quote is not closed before the end of the text. */
  readonly end: number;
}

/** Where a character comes next. Remembers its last answer: a rare character is not searched for twice. */
class Search {
  readonly #text: string;
  readonly #wanted: string;
  #from = 0;
  #found = -1;

  constructor(text: string, wanted: string) {
    this.#text = text;
    this.#wanted = wanted;
  }

  /** The first position at `from` or later; the length of the text if there is none. */
  next(from: number): number {
    if (from >= this.#from && from <= this.#found) return this.#found;
    this.#from = from;
    this.#found = indexIn(this.#text, this.#wanted, from);
    return this.#found;
  }
}

function indexIn(text: string, wanted: string, from: number): number {
  const found = text.indexOf(wanted, from);
  return found < 0 ? text.length : found;
}

function codeOf(character: string | null): number {
  return character?.charCodeAt(0) ?? NEVER;
}

/** The end of the line `start`…`newline` without a carriage return. */
export function contentStop(text: string, start: number, newline: number): number {
  return newline > start && text.charCodeAt(newline - 1) === RETURN_CODE ? newline - 1 : newline;
}

/** Replaces doubled quotes by single ones. */
function unescaped(text: string, start: number, end: number, quote: string): string {
  let value = "";
  for (let at = start; at < end;) {
    let stop = Math.min(end, at + UNESCAPED_CHARACTERS);
    let first = stop;
    while (first > at && text[first - 1] === quote) first--;
    // Not between the two quotes of a pair.
    if ((stop - first) % 2 === 1) stop++;
    // Not `replaceAll`: its result would be a tree of strings, far larger than the text.
    value += text
      .slice(at, stop)
      .split(quote + quote)
      .join(quote);
    at = stop;
  }
  return value;
}

/** Of a text that begins with a record. A last line without a newline is a line like any other. */
export class RowSplitter {
  readonly #text: string;
  readonly #shape: RowShape;
  readonly #quote: string | null;
  readonly #quoteCode: number;
  readonly #commentCode: number;
  readonly #delimiters: Search;
  readonly #newlines: Search;
  #nextQuote = -1;
  /** The field that was closed last has doubled quotes. */
  #doubled = false;

  constructor(text: string, shape: RowShape) {
    const { delimiter, quote, comment } = shape.format;
    this.#text = text;
    this.#shape = shape;
    this.#quote = quote;
    this.#quoteCode = codeOf(quote);
    this.#commentCode = codeOf(comment);
    this.#delimiters = new Search(text, delimiter);
    this.#newlines = new Search(text, "\n");
  }

  /**
   * Adds the rows from `start` on that are lines without quotes. Returns where they end: at the end of the
   * text, or at a line that is something else.
   */
  addPlain(rows: (Row | undefined)[], start: number): number {
    const text = this.#text;
    const comment = this.#commentCode;
    const { columns, cuts, ofCuts } = this.#shape;
    const { delimiter } = this.#shape.format;
    const quote = this.#quoteAt(start);
    let next = this.#delimiters.next(start);
    let at = start;
    while (at < text.length) {
      if (comment !== NEVER && text.charCodeAt(at) === comment) break;
      const newline = indexIn(text, "\n", at);
      if (newline > quote) break;
      cuts[0] = at - 1;
      let fields = 1;
      for (; next < newline && fields < columns; fields++) {
        cuts[fields] = next;
        next = indexIn(text, delimiter, next + 1);
      }
      // The delimiter found last is one too many, or belongs to a later line.
      if (fields < columns || next < newline) break;
      const end = contentStop(text, at, newline);
      if (end === at) break;
      cuts[columns] = end;
      rows.push(ofCuts(text, cuts));
      at = newline + 1;
    }
    return Math.min(at, text.length);
  }

  /** The next quote at `from` or later; the length of the text if there is none. */
  #quoteAt(from: number): number {
    if (this.#quote === null) return this.#text.length;
    if (this.#nextQuote < from) this.#nextQuote = indexIn(this.#text, this.#quote, from);
    return this.#nextQuote;
  }

  /** The end of the blank line or comment at `start`; `start` if there is neither. */
  skip(start: number): number {
    const newline = this.#newlines.next(start);
    const skipped =
      this.#text.charCodeAt(start) === this.#commentCode || contentStop(this.#text, start, newline) === start;
    return skipped ? Math.min(newline + 1, this.#text.length) : start;
  }

  /** The record at `start`, whatever it holds. `slots`: which fields are wanted, as in `RowShape`. */
  walk(start: number, slots: Int32Array = this.#shape.slots): WalkedRecord {
    const text = this.#text;
    const fields: string[] = [];
    let problem: string | null = null;
    let at = start;
    for (let count = 1; ; count++) {
      const slot = slots[count - 1] ?? -1;
      const isQuoted = text.charCodeAt(at) === this.#quoteCode;
      const close = isQuoted ? this.#closingQuote(at) : at;
      if (close < 0) return { fields, count, problem: problem ?? NEVER_CLOSED, end: -1 };
      const rest = isQuoted ? close + 1 : at;
      const newline = this.#newlines.next(rest);
      const delimiter = this.#delimiters.next(rest);
      const end = delimiter < newline ? delimiter : contentStop(text, rest, newline);
      if (isQuoted && rest < end) problem ??= TEXT_AFTER_QUOTE;
      if (slot >= 0) fields[slot] = isQuoted ? this.#unquoted(at + 1, close) : text.slice(at, end);
      if (delimiter >= newline) return { fields, count, problem, end: Math.min(newline + 1, text.length) };
      at = delimiter + 1;
    }
  }

  /** The quote that closes the field that opens with the one at `start`; −1 if there is none. */
  #closingQuote(start: number): number {
    const text = this.#text;
    const quote = this.#quote ?? "";
    let close = text.indexOf(quote, start + 1);
    this.#doubled = false;
    while (close >= 0 && text.charCodeAt(close + 1) === this.#quoteCode) {
      this.#doubled = true;
      close = text.indexOf(quote, close + 2);
    }
    return close;
  }

  /** The value between the quotes that `#closingQuote` was asked about last. */
  #unquoted(start: number, close: number): string {
    const text = this.#text;
    return this.#doubled ? unescaped(text, start, close, this.#quote ?? "") : text.slice(start, close);
  }
}

/** The one record that `text` holds, with all its fields. */
export function splitRecord(text: string, format: CsvFormat): WalkedRecord {
  const splitter = new RowSplitter(text, rowShape([], [], format));
  const { count } = splitter.walk(0);
  return splitter.walk(
    0,
    Int32Array.from({ length: count }, (_, index) => index),
  );
}
