/** One CSV record, parsed with care: for records that the fast parser does not get right, and for headers. */
import Papa from "papaparse";
import type { CsvFormat } from "./csv-format.ts";

/** The fields of a record, or what is wrong with it ("has …"). */
export type ParsedRecord = { readonly fields: string[] } | { readonly problem: string };

interface PapaResult {
  readonly data: string[][];
  readonly errors: readonly { readonly code: string }[];
}

const AFTER_QUOTE = "has text after a closing quote";

const PROBLEMS: { readonly [code: string]: string } = {
  MissingQuotes: "has a quote that is never closed",
  InvalidQuotes: AFTER_QUOTE,
};

/** `text` is without the line end. */
export function parseRecord(text: string, format: CsvFormat): ParsedRecord {
  const { delimiter, quote } = format;
  const quoting = quote === null ? { fastMode: true } : { quoteChar: quote };
  // The parser without the front end: that would guess at line ends and drop a leading byte order mark.
  const parser = new Papa.Parser({ delimiter, newline: "\n", ...quoting });
  // With its line end: a quote at the very end of a text closes whatever comes before it.
  const { data, errors } = parser.parse(`${text}\n`, 0, false) as PapaResult;
  const [error] = errors;
  const [fields, rest] = data;
  if (error !== undefined) return { problem: PROBLEMS[error.code] ?? `is malformed (${error.code})` };
  if (fields === undefined || (rest !== undefined && rest.join() !== ""))
    return { problem: "is not one record" };
  return isWritten(text, fields, format) ? { fields } : { problem: AFTER_QUOTE };
}

/**
 * Whether `text` is these fields and nothing else: the parser drops white space after a closing quote in
 * silence.
 */
function isWritten(text: string, fields: readonly string[], { delimiter, quote }: CsvFormat): boolean {
  let at = 0;
  for (const value of fields) {
    const quoted = quote !== null && text[at] === quote;
    const raw = quoted ? quote + value.split(quote).join(quote + quote) + quote : value;
    const end = at + raw.length;
    if (!text.startsWith(raw, at) || (end < text.length && text[end] !== delimiter)) return false;
    at = end + 1;
  }
  return at === text.length + 1;
}
