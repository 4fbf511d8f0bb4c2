/** One CSV record, parsed with care: for records that the fast parser does not get right, and for headers. */
import Papa from "papaparse";

/** The fields of a record, or what is wrong with it ("has …"). */
export type ParsedRecord = { readonly fields: string[] } | { readonly problem: string };

interface PapaResult {
  readonly data: string[][];
  readonly errors: readonly { readonly code: string }[];
}

const PROBLEMS: { readonly [code: string]: string } = {
  MissingQuotes: "has a quote that is never closed",
  InvalidQuotes: "has text after a closing quote",
};

/** `text` is without the line end. */
export function parseRecord(text: string, delimiter: string): ParsedRecord {
  // The parser without the front end: that would guess at line ends and drop a leading byte order mark.
  const parser = new Papa.Parser({ delimiter, newline: "\n", quoteChar: '"' });
  // With its line end, because spaces after a closing quote are let pass before a delimiter and a newline, but not at the end of the text.
  const { data, errors } = parser.parse(`${text}\n`, 0, false) as PapaResult;
  const [error] = errors;
  const [fields, rest] = data;
  if (error !== undefined) return { problem: PROBLEMS[error.code] ?? `is malformed (${error.code})` };
  if (fields === undefined || (rest !== undefined && rest.join() !== ""))
    return { problem: "is not one record" };
  return { fields };
}
