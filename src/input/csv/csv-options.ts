/** The options of `csv()`, and their checks. */
import type { FanjoinError } from "../../core/errors/errors.ts";
import type { Json } from "../../core/json/json.ts";
import { group, integer, invalid, show } from "../../option-check.ts";
import { columnsProblem, pickProblem } from "./column-names.ts";
import { TEXT_OPTIONS, textOptions } from "../text/text-options.ts";
import type { TextOptions } from "../text/text-options.ts";

/** `Name`: the columns, where they are known when the job is written. `Picked`: those of the items. */
export interface CsvReaderOptions<
  Name extends string = string,
  Picked extends Name = Name,
> extends TextOptions {
  /** One ASCII character; default `,`. */
  readonly delimiter?: string | undefined;
  /**
   * The columns' names, for sources without a header. With `header: true` they are used in place of those in
   * the header, which has to have as many (`INPUT_INVALID`).
   */
  readonly columns?: readonly Name[] | undefined;
  /**
   * The columns that the items have, by name; default: all. `columns` names the columns, `pick` chooses among
   * them. Fields of other columns are skipped, which is faster; rows are checked all the same. If the header
   * lacks a picked column, the source cannot be read (`INPUT_INVALID`).
   */
  readonly pick?: readonly Picked[] | undefined;
  /**
   * How many lines to leave out at the beginning of each source, before the header: titles, or the line
   * `sep=;` that Excel writes. Physical lines: quotes, comments and blank lines do not matter. Default: 0.
   * Items keep the line numbers of their file. A source with fewer lines cannot be read (`INPUT_INVALID`), an
   * empty one has no items.
   */
  readonly skipLines?: number | undefined;
  /** The first record is a header, not an item. Default: `true`, or `false` where `columns` are given. */
  readonly header?: boolean | undefined;
  /** One ASCII character; default `"`. `false`: nothing is quoted, so that every newline ends a record. */
  readonly quote?: string | false | undefined;
  /**
   * One ASCII character: lines that begin with it are skipped, except within quotes. None by default.
   */
  readonly comment?: string | undefined;
}

const NAMES = [
  "delimiter",
  "columns",
  "pick",
  "header",
  "skipLines",
  "quote",
  "comment",
  ...TEXT_OPTIONS,
] as const;

/** The options as they travel in the batch's record. Throws `JOB_INVALID`. */
export function parseCsvOptions(options: unknown): { readonly [name: string]: Json } {
  const named = group(options, "csv()", NAMES);
  const delimiter = character(named["delimiter"], "delimiter") ?? ",";
  const quote = named["quote"] === false ? null : (character(named["quote"], "quote") ?? '"');
  const comment = character(named["comment"], "comment");
  checkDistinct({ delimiter, quote, comment });
  const columns = parseNames(named["columns"], "columns");
  const header = parseHeader(named["header"], columns);
  const pick = parsePick(named["pick"], columns);
  const skipLines = integer(named["skipLines"], "skipLines of csv()", 0, 0);
  const skip = skipLines === 0 ? {} : { skipLines };
  return { delimiter, quote, comment, columns, header, ...skip, ...pick, ...textOptions(named) };
}

/** Delimiters may be control characters, as in database exports; a quote or comment must be visible. */
function character(value: unknown, name: "delimiter" | "quote" | "comment"): string | null {
  if (value === undefined) return null;
  const allowed = name === "delimiter" ? /^[^"\r\n\u0080-\uffff]$/ : /^[!-~]$/;
  if (typeof value === "string" && allowed.test(value)) return value;
  const not = name === "delimiter" ? "not a double quote or a line end" : "not a space";
  const none = name === "quote" ? " (or false for none)" : "";
  throw invalid(`csv() takes one ASCII character as ${name}, ${not}${none}; it was given ${show(value)}.`);
}

function checkDistinct(characters: { readonly [name: string]: string | null }): void {
  const taken = new Map<string | null, string>();
  for (const [name, value] of Object.entries(characters)) {
    const other = taken.get(value);
    if (other !== undefined && value !== null) throw same(other, name, value);
    taken.set(value, name);
  }
}

function same(one: string, other: string, value: string): FanjoinError {
  return invalid(
    `csv() needs different characters as ${one} and ${other}; it was given ${show(value)} as both.`,
  );
}

function parseNames(value: unknown, option: "columns" | "pick"): readonly string[] | null {
  if (value === undefined) return null;
  if (!Array.isArray(value) || value.some((name) => typeof name !== "string")) {
    throw invalid(`csv() takes a list of names as ${option}; it was given ${show(value)}.`);
  }
  const problem = columnsProblem(value as string[]);
  if (problem === null) return value as string[];
  const what = option === "columns" ? "columns that are" : "a pick that is";
  throw invalid(`csv() was given ${what} not usable: ${problem}. Names have to be distinct and not empty.`);
}

/** Columns that the job names are checked here, those of a header when it is read. */
function parsePick(value: unknown, columns: readonly string[] | null): { readonly [name: string]: Json } {
  const pick = parseNames(value, "pick");
  const problem = pick === null || columns === null ? null : pickProblem(pick, columns);
  if (problem !== null) throw invalid(`csv() cannot pick a column: ${problem}.`);
  return pick === null ? {} : { pick };
}

function parseHeader(value: unknown, columns: readonly string[] | null): boolean {
  if (value === undefined) return columns === null;
  if (typeof value !== "boolean") {
    const list = Array.isArray(value) ? " Names of columns are given as csv({ columns: [...] })." : "";
    throw invalid(`csv() takes true or false as header; it was given ${show(value)}.${list}`);
  }
  if (value || columns !== null) return value;
  throw invalid("csv() was told that there is no header: name the columns too, as csv({ columns: [...] }).");
}
