/**
 * Whether a row that uDSV found is what stands in the text. uDSV reads field after field; so does this, with
 * its lengths: a field that begins where the one before ended, has the right length and the right neighbour
 * is the right field.
 */

import type { CsvFormat } from "./csv-format.ts";

const NEWLINE_CODE = 0x0a;
const RETURN_CODE = 0x0d;
/** The code of no character. */
const NEVER = -1;

/** The end of the quoted field that begins at `start` and whose value is `value`, −1 if it is not there. */
function quotedEnd(text: string, start: number, value: string, quote: string): number {
  const code = quote.charCodeAt(0);
  const plain = start + 1 + value.length;
  let at = text.indexOf(quote, start + 1);
  if (at === plain && text.charCodeAt(plain + 1) !== code) return plain + 1;
  while (at >= 0 && text.charCodeAt(at + 1) === code) at = text.indexOf(quote, at + 2);
  if (at < 0) return -1;
  return text.slice(start + 1, at).replaceAll(quote + quote, quote) === value ? at + 1 : -1;
}

/**
 * After the line end at `at`, −1 if it is another one than uDSV was told: it loses the value before such a
 * one.
 */
function afterLineEnd(text: string, at: number, returns: boolean): number {
  const newline = returns ? at + 1 : at;
  if (returns && text.charCodeAt(at) !== RETURN_CODE) return -1;
  return text.charCodeAt(newline) === NEWLINE_CODE ? newline + 1 : -1;
}

/** What the checks of all rows have in common. */
export interface RowShape extends CsvFormat {
  readonly columns: number;
  /** Lines end with `\r\n`. */
  readonly returns: boolean;
}

function isLastField(value: string, delimiter: string): boolean {
  return value.charCodeAt(value.length - 1) !== RETURN_CODE && value.indexOf(delimiter) < 0;
}

/**
 * The end of the row at `start`, after its line end, if `fields` are exactly its fields; else −1. `newline`:
 * the first one at `start` or later.
 */
export function rowEnd(
  text: string,
  start: number,
  newline: number,
  fields: readonly string[],
  shape: RowShape,
): number {
  const { columns, delimiter, quote } = shape;
  // uDSV may skip a carriage return here.
  if (fields.length !== columns || text.charCodeAt(start) === RETURN_CODE) return -1;
  const delimiterCode = delimiter.charCodeAt(0);
  const quoteCode = quote === null ? NEVER : quote.charCodeAt(0);
  let at = start;
  let stop = newline;
  for (let i = 0; i < columns; i++) {
    const value = fields[i] ?? "";
    if (i > 0 && text.charCodeAt(at++) !== delimiterCode) return -1;
    if (quote !== null && text.charCodeAt(at) === quoteCode) {
      at = quotedEnd(text, at, value, quote);
      if (at < 0) return -1;
      if (stop < at) stop = text.indexOf("\n", at);
    } else {
      at += value.length;
      if (stop < at || (i === columns - 1 && !isLastField(value, delimiter))) return -1;
    }
  }
  return afterLineEnd(text, at, shape.returns);
}
