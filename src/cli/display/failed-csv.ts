/**
 * Failed items as CSV (RFC 4180), for spreadsheets. A text that a spreadsheet would take for a formula is
 * preceded by an apostrophe: items come from outside, and a formula may send what is beside it elsewhere.
 * https://owasp.org/www-community/attacks/CSV_Injection
 */
import { messageText, placeText } from "../../core/errors/described-error.ts";
import { parseFailedLine } from "../../core/failures/failed-line.ts";
import type { FailedLine } from "../../core/failures/failed-line.ts";
import { linesOf } from "../../lines-of.ts";
import { escapeLine } from "./escape.ts";
import { write } from "./standard-output.ts";

type Cell = string | number | null;

const COLUMNS: { readonly [name: string]: (line: FailedLine) => Cell } = {
  source: ({ source }) => source,
  line: ({ line }) => line,
  lines: ({ lines = null }) => lines,
  index: ({ index }) => index,
  offset: ({ offset }) => offset,
  chunk: ({ chunk }) => chunk,
  attempts: ({ attempts }) => attempts,
  code: ({ code }) => code,
  class: ({ error }) => error.name,
  message: ({ error }) => messageText(error),
  at: ({ error }) => placeText(error),
  item: ({ item }) => item,
};

/** A header, then one row for each item. */
export async function printFailedCsv(content: AsyncIterable<Uint8Array> | null): Promise<void> {
  await printRow(Object.keys(COLUMNS));
  if (content === null) return;
  for await (const text of linesOf(content)) {
    const line = parseFailedLine(text);
    await printRow(Object.values(COLUMNS).map((cellOf) => cellOf(line)));
  }
}

/** On a terminal nothing is a line end or moves the cursor that comes from an item. */
async function printRow(cells: readonly Cell[]): Promise<void> {
  const row = csvRow(cells);
  await write(process.stdout.isTTY ? `${escapeLine(row)}\n` : `${row}\r\n`);
}

/** Without its line end. */
export function csvRow(cells: readonly Cell[]): string {
  return cells.map((cell) => (typeof cell === "string" ? quoted(harmless(cell)) : (cell ?? ""))).join(",");
}

const FORMULA = /^[=+\-@\t\r]/;

function harmless(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
