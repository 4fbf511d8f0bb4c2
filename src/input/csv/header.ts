/** The columns that a header names, and what can be wrong with it. */
import { isUtf8 } from "node:buffer";
import { FanjoinError } from "../../core/errors/errors.ts";
import { columnsProblem, isTorn, listed } from "./column-names.ts";
import type { CsvFormat, CsvOptions } from "./csv-format.ts";
import { type FirstRecord, recordAt, type StoredSource, unusable } from "./first-record.ts";
import { excelDelimiter, likelyDelimiter, withDelimiter } from "./hints.ts";
import { splitRecord, type WalkedRecord } from "./row-splitter.ts";
import { CONVERT_RETURNS } from "../text/line-ends.ts";
import { excerpt } from "../text/unreadable.ts";
import type { Source } from "../reader.ts";

const IN_PLACE = "csv({ columns: [...], header: true })";
const ADVICE = `Correct the first row, or name the columns in its place with ${IN_PLACE}.`;

/** More names are not written out in advice. */
const MAX_ADVISED = 12;

/** The columns of a source with this header. Throws `INPUT_INVALID`. */
export async function headerColumns(
  stored: StoredSource,
  header: FirstRecord,
  options: CsvOptions,
): Promise<readonly string[]> {
  const { source } = stored;
  const text = textOf(header.bytes);
  checkExcelLine(source, text, options.skipLines);
  const record = splitRecord(text, options);
  if (record.end < 0) throw unusable(source, `it ${record.problem}`, ADVICE);
  const { columns } = options;
  if (columns === null) return ownNames(stored, header, record, options);
  const torn = record.fields.find(isTorn);
  if (torn !== undefined) throw tornName(source, torn);
  if (record.count !== columns.length) throw otherNumber(source, record, text, { ...options, columns });
  return columns;
}

/** Bytes that are not UTF-8 do not matter where the names are replaced. */
function textOf(bytes: Buffer): string {
  return bytes.toString(isUtf8(bytes) ? "utf8" : "latin1");
}

/** Throws `INPUT_INVALID` if the text begins with the line that Excel writes to name the delimiter. */
export function checkExcelLine(source: Source, text: string, skipLines: number): void {
  const delimiter = excelDelimiter(text);
  if (delimiter === null) return;
  const shown = JSON.stringify(delimiter);
  throw new FanjoinError(
    "INPUT_INVALID",
    `${source.label}: the first line is "sep=", which Excel writes to name the delimiter ${shown}. Leave it out with csv({ delimiter: ${shown}, skipLines: ${skipLines + 1} }).`,
  );
}

/** The line that a header with these names is: plain, or all quoted. */
export function namesLines(names: readonly string[], { delimiter, quote }: CsvFormat): readonly string[] {
  const plain = names.join(delimiter);
  if (quote === null) return [plain];
  const quoted = names.map((name) => `${quote}${name.replaceAll(quote, `${quote}${quote}`)}${quote}`);
  return [plain, quoted.join(delimiter)];
}

export function beginsWithLine(text: string, line: string): boolean {
  return text === line || text.startsWith(`${line}\n`) || text.startsWith(`${line}\r\n`);
}

/** The header would be an item. */
export function namesAsRow(source: Source): FanjoinError {
  return new FanjoinError(
    "INPUT_INVALID",
    `${source.label}: the first row is the names that csv({ columns: [...] }) gives: it is a header. Say so with ${IN_PLACE}, or leave columns out.`,
  );
}

async function ownNames(
  stored: StoredSource,
  header: FirstRecord,
  record: WalkedRecord,
  format: CsvFormat,
): Promise<readonly string[]> {
  const { source } = stored;
  const { fields, problem } = record;
  if (!isUtf8(header.bytes))
    throw unusable(
      source,
      'it is not valid UTF-8 (if the source has another encoding, name it: csv({ encoding: "latin1" }))',
      ADVICE,
    );
  if (problem !== null) throw unusable(source, `it ${problem}`, ADVICE);
  const torn = fields.find(isTorn);
  if (torn !== undefined) throw tornName(source, torn);
  const wrong = columnsProblem(fields);
  if (wrong !== null) throw unusable(source, wrong, fields.includes("") ? nameless(fields) : ADVICE);
  if (fields.length === 1) await checkDelimiter(stored, header, format);
  return fields;
}

function tornName(source: Source, name: string): FanjoinError {
  return unusable(
    source,
    `a name has a carriage return in it: ${excerpt(name)}`,
    `If all lines end so, convert them, e.g. with ${CONVERT_RETURNS}. If not, correct the name.`,
  );
}

/** For headers as pandas and R write them: their first column, the row's name or number, has no name. */
function nameless(fields: readonly string[]): string {
  const names = fields.map((name, index) => name || (index === 0 ? "row" : `column${index + 1}`));
  if (names.length > MAX_ADVISED || columnsProblem(names) !== null) return ADVICE;
  const writers = fields[0] === "" ? " (pandas and R write the row numbers so)" : "";
  return `Correct the first row, or name all columns in its place${writers}: csv({ columns: [${names.map((name) => JSON.stringify(name)).join(", ")}], header: true }).`;
}

/** Throws `INPUT_INVALID` if header and first row have columns with another delimiter. */
async function checkDelimiter(stored: StoredSource, header: FirstRecord, format: CsvFormat): Promise<void> {
  const text = textOf(header.bytes);
  if (likelyDelimiter([text], format, null) === null) return;
  const row = await firstRow(stored, header, format);
  if (row === null) return;
  const delimiter = likelyDelimiter([text, row], format, null);
  if (delimiter === null) return;
  throw unusable(
    stored.source,
    `it has one column, ${excerpt(text.trim())}, but header and first row have more with another delimiter`,
    `Give ${withDelimiter(delimiter)}. If there is one column only, name it: csv({ columns: ["name"], header: true }).`,
  );
}

/** The text of the record after the header; `null` if there is none, or it is very long. */
async function firstRow(
  stored: StoredSource,
  header: FirstRecord,
  format: CsvFormat,
): Promise<string | null> {
  try {
    const row = await recordAt(stored, format, header.end);
    return row === null ? null : textOf(row.bytes);
  } catch (thrown) {
    if (thrown instanceof FanjoinError && thrown.code === "INPUT_INVALID") return null;
    throw thrown;
  }
}

function otherNumber(
  source: Source,
  { fields, count }: WalkedRecord,
  text: string,
  { columns, skipLines, ...format }: CsvOptions & { readonly columns: readonly string[] },
): FanjoinError {
  const delimiter = likelyDelimiter([text], format, columns.length);
  const has = `it has ${count === 1 ? "1 name" : `${count} names`} (${listed(fields)}), but csv({ columns: [...], header: true }) names ${columns.length}`;
  const all = "Name every column of the header, in its order; csv({ pick: [...] }) chooses among them.";
  // R's write.table leaves out the name of the first column.
  const short = `If the rows have ${columns.length} fields all the same (R's write.table writes them so), leave the header out: csv({ columns: [...], skipLines: ${skipLines + 1} }).`;
  if (delimiter !== null) return unusable(source, has, `With ${withDelimiter(delimiter)} it has as many.`);
  return unusable(source, has, count + 1 === columns.length ? `${all} ${short}` : all);
}
