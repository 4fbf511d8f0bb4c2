/** Rows of CSV as text, by RFC 4180: https://www.rfc-editor.org/rfc/rfc4180 */

export interface CsvTextOptions {
  /** Text that a spreadsheet would take for a formula begins with an apostrophe. */
  readonly escapeFormulas: boolean;
}

const LINE_END = "\r\n";
const NEEDS_QUOTES = /[",\r\n]/;
/** https://owasp.org/www-community/attacks/CSV_Injection */
const FORMULA = /^[=+\-@\t\r]/;

export function csvRow(cells: readonly unknown[], { escapeFormulas }: CsvTextOptions): string {
  return cells.map((cell) => quoted(cellText(cell, escapeFormulas))).join(",") + LINE_END;
}

/** Nothing for `null` and what is missing, JSON for lists and objects. */
function cellText(cell: unknown, escapeFormulas: boolean): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell === "string") return escapeFormulas && FORMULA.test(cell) ? `'${cell}` : cell;
  return JSON.stringify(cell);
}

function quoted(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
