/**
 * Rows of CSV text, found by searching for the next delimiter and the next newline, never character by character. What is a row here is one for
 * certain: as many fields as there are columns, and nothing after a closing quote. Everything else is left to `csv-record.ts`.
 */

export type Row = { readonly [column: string]: string };

const NEWLINE_CODE = 0x0a;
const RETURN_CODE = 0x0d;
const QUOTE_CODE = 0x22;

/** How rows are made of a source's text. */
export interface RowShape {
  readonly columns: number;
  readonly delimiter: string;
  /** One row of fields. */
  readonly ofFields: (fields: readonly string[]) => Row;
  /** One row of `text`, whose fields lie between the places in `cuts`: one before the first field, each delimiter's, and the end. */
  readonly ofCuts: (text: string, cuts: Int32Array) => Row;
}

/**
 * Code of a function that returns an object literal: V8 makes such an object in one step, and of the same hidden class every time, which nothing
 * but a literal achieves. Names go in as JSON, which is JavaScript; there is no `__proto__` among them (see `columnsProblem`).
 */
function literal(columns: readonly string[], value: (index: number) => string): string {
  return `return {${columns.map((name, index) => `${JSON.stringify(name)}: ${value(index)}`).join(", ")}};`;
}

export function rowShape(columns: readonly string[], delimiter: string): RowShape {
  const ofFields = literal(columns, (index) => `fields[${index}]`);
  const ofCuts = literal(columns, (index) => `text.slice(cuts[${index}] + 1, cuts[${index + 1}])`);
  return {
    columns: columns.length,
    delimiter,
    ofFields: new Function("fields", ofFields) as RowShape["ofFields"],
    ofCuts: new Function("text", "cuts", ofCuts) as RowShape["ofCuts"],
  };
}

export function countNewlines(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; count++) {
    const newline = text.indexOf("\n", at);
    if (newline < 0 || newline >= end) break;
    at = newline + 1;
  }
  return count;
}

/** Where a character comes next. Remembered, so that one which is rare is not looked for again and again. */
class Search {
  readonly #text: string;
  readonly #wanted: string;
  #from = 0;
  #found = -1;

  constructor(text: string, wanted: string) {
    this.#text = text;
    this.#wanted = wanted;
  }

  /** The first place at `from` or later, the length of the text if there is none. */
  next(from: number): number {
    if (from >= this.#from && from <= this.#found) return this.#found;
    this.#from = from;
    this.#found = placeOf(this.#text, this.#wanted, from);
    return this.#found;
  }
}

function placeOf(text: string, wanted: string, from: number): number {
  const found = text.indexOf(wanted, from);
  return found < 0 ? text.length : found;
}

/** Finds rows in a text that ends with a newline. */
export class RowScan {
  readonly #text: string;
  readonly #shape: RowShape;
  readonly #delimiters: Search;
  readonly #newlines: Search;
  readonly #quotes: Search;
  readonly #cuts: Int32Array;
  readonly #fields: string[] = [];

  constructor(text: string, shape: RowShape) {
    this.#text = text;
    this.#shape = shape;
    this.#delimiters = new Search(text, shape.delimiter);
    this.#newlines = new Search(text, "\n");
    this.#quotes = new Search(text, '"');
    this.#cuts = new Int32Array(shape.columns + 1);
  }

  /** Adds the rows from `start` on that are lines without quotes. Returns where they end: at a line that is none. */
  addPlain(rows: (Row | undefined)[], start: number): number {
    const text = this.#text;
    const cuts = this.#cuts;
    const { columns, delimiter, ofCuts } = this.#shape;
    const quote = this.#quotes.next(start);
    let next = this.#delimiters.next(start);
    let at = start;
    while (at < text.length) {
      const newline = text.indexOf("\n", at);
      if (newline > quote) break;
      cuts[0] = at - 1;
      let fields = 1;
      for (; next < newline && fields < columns; fields++) {
        cuts[fields] = next;
        next = placeOf(text, delimiter, next + 1);
      }
      // The delimiter found last is one too many, or the first of the next line.
      if (fields < columns || next < newline) break;
      const end = beforeReturn(text, newline);
      // A blank line.
      if (end === at) break;
      cuts[columns] = end;
      rows.push(ofCuts(text, cuts));
      at = newline + 1;
    }
    return at;
  }

  /** Adds the row at `start`, which may have quotes. Returns its end, −1 if what is there is no row. */
  addQuoted(rows: (Row | undefined)[], start: number): number {
    const text = this.#text;
    const { columns, delimiter, ofFields } = this.#shape;
    const delimiterCode = delimiter.charCodeAt(0);
    let at = start;
    for (let i = 0; i < columns; i++) {
      if (i > 0 && text.charCodeAt(at++) !== delimiterCode) return -1;
      at = text.charCodeAt(at) === QUOTE_CODE ? this.#quoted(i, at) : this.#bare(i, at);
      if (at < 0) return -1;
    }
    // A blank line is no row, not of a single column either.
    if (at === start) return -1;
    if (text.charCodeAt(at) === RETURN_CODE) at++;
    if (text.charCodeAt(at) !== NEWLINE_CODE) return -1;
    rows.push(ofFields(this.#fields));
    return at + 1;
  }

  /** The end of the field that opens with the quote at `start`; −1 if it is never closed. */
  #quoted(index: number, start: number): number {
    const text = this.#text;
    let quote = text.indexOf('"', start + 1);
    let doubled = false;
    for (; quote >= 0 && text.charCodeAt(quote + 1) === QUOTE_CODE; quote = text.indexOf('"', quote + 2))
      doubled = true;
    if (quote < 0) return -1;
    const value = text.slice(start + 1, quote);
    this.#fields[index] = doubled ? value.replaceAll('""', '"') : value;
    return quote + 1;
  }

  /** The end of the field at `start`, which is not quoted: a delimiter or a line end. */
  #bare(index: number, start: number): number {
    const text = this.#text;
    const delimiter = this.#delimiters.next(start);
    const newline = this.#newlines.next(start);
    const end = delimiter < newline ? delimiter : Math.max(start, beforeReturn(text, newline));
    this.#fields[index] = text.slice(start, end);
    return end;
  }
}

/** The end of a line's content, given its newline. */
function beforeReturn(text: string, newline: number): number {
  return text.charCodeAt(newline - 1) === RETURN_CODE ? newline - 1 : newline;
}
