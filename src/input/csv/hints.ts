/** Sentences for CSV that is written in another way than the reader expects. */
import type { CsvFormat } from "./csv-format.ts";
import { splitRecord } from "./row-splitter.ts";
import { RETURNS_HINT, returnsEndLines } from "../text/line-ends.ts";

const DELIMITERS = [",", ";", "\t", "|"];

/** The first line that Excel writes to name the delimiter. */
const EXCEL_LINE = /^"?sep=([^"\r\n])"?\r?(?:\n|$)/i;

/** The number of fields of a record; 0 if it has a quote that is never closed. */
function fieldsOf(record: string, format: CsvFormat): number {
  const { count, end } = splitRecord(record, format);
  return end < 0 ? 0 : count;
}

/** How a delimiter is written in a job: `csv({ delimiter: ";" })`. */
export function withDelimiter(delimiter: string): string {
  return `csv({ delimiter: ${JSON.stringify(delimiter)} })`;
}

/**
 * The delimiter with which each of these records has `columns` fields (`null`: the first record's number),
 * more than one. `null` if there is none.
 */
export function likelyDelimiter(
  records: readonly string[],
  format: CsvFormat,
  columns: number | null,
): string | null {
  const [first = ""] = records;
  for (const delimiter of DELIMITERS) {
    if (delimiter === format.delimiter || delimiter === format.quote || !first.includes(delimiter)) continue;
    const other = { ...format, delimiter };
    const wanted = columns ?? fieldsOf(first, other);
    if (wanted > 1 && records.every((record) => fieldsOf(record, other) === wanted)) return delimiter;
  }
  return null;
}

/** Why a record has another number of fields than there are columns; '' if nothing is known. */
export function rowHint(record: string, format: CsvFormat, columns: number): string {
  const delimiter = likelyDelimiter([record], format, columns);
  if (delimiter !== null) return ` (with ${withDelimiter(delimiter)} it has ${columns})`;
  if (!returnsEndLines(record)) return "";
  const lines = record.split("\r").filter((line) => line !== "");
  return lines.every((line) => fieldsOf(line, format) === columns) ? ` (${RETURNS_HINT})` : "";
}

/** The delimiter that the text's first line names, as Excel writes it; `null` if it is another line. */
export function excelDelimiter(text: string): string | null {
  return EXCEL_LINE.exec(text)?.[1] ?? null;
}
