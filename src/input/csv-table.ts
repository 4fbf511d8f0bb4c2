/** The columns of a CSV source: its first record, or the names that the job gives. */
import { isUtf8 } from "node:buffer";
import { FanjoinError } from "../core/errors.ts";
import type { Json } from "../core/record.ts";
import type { ObjectStore } from "../ports.ts";
import { asBuffer, isBlank, quotedBorders } from "./borders.ts";
import { parseRecord } from "./csv-record.ts";
import { type RowParsers, rowParsers } from "./csv-rows.ts";
import { markLength, newlinesIn } from "./pieces.ts";
import { contentEnd } from "./places.ts";
import type { Source } from "./reader.ts";

/** A longer header is no header: most likely the file is no CSV at all. */
const MAX_HEADER_BYTES = 1024 * 1024;

/** How many sources' columns are remembered per store. */
const MAX_TABLES = 32;

export interface CsvOptions {
  readonly delimiter: string;
  readonly header: "first-row" | readonly string[];
}

export interface CsvTable {
  readonly columns: readonly string[];
  readonly delimiter: string;
  /** The offset of the first record that is an item (or of what follows the header). */
  readonly start: number;
  /** How many lines come before it. */
  readonly startLine: number;
  readonly parsers: RowParsers;
}

/** Options as they come out of a batch record; `csv()` has checked them. */
export function csvOptions(options: { readonly [name: string]: Json }): CsvOptions {
  const { delimiter, header } = options;
  return {
    delimiter: typeof delimiter === "string" ? delimiter : ",",
    header: Array.isArray(header) ? header.map(String) : "first-row",
  };
}

/** What is wrong with the names of columns, `null` if nothing. Names are keys of the items, so they have to be distinct. */
export function columnsProblem(columns: readonly string[]): string | null {
  const empty = columns.indexOf("");
  if (columns.length === 0) return "there are no columns";
  if (empty >= 0) return `column ${empty + 1} of ${columns.length} has no name`;
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined) return `two columns are named ${JSON.stringify(twice)}`;
  // As a key of an object literal it would set the prototype, and the value would be lost.
  return columns.includes("__proto__") ? "a column cannot be named __proto__" : null;
}

function invalid(source: Source, problem: string): FanjoinError {
  return new FanjoinError(
    "INPUT_INVALID",
    `${source.label}: the header is not usable: ${problem}. Correct the first row, or name the columns with csv({ header: [...] }).`,
  );
}

interface Header {
  readonly bytes: Buffer;
  /** After its newline. */
  readonly end: number;
  /** The lines up to there. */
  readonly lines: number;
}

/** The first record that is not a blank line, read no further than necessary. */
async function firstRecord(source: Source, store: ObjectStore, delimiter: string): Promise<Header> {
  let read: Buffer = Buffer.alloc(0);
  for await (const block of store.read(source.name, 0, source.size, source.version)) {
    read = Buffer.concat([read, asBuffer(block)]);
    const header = recordIn(read, delimiter);
    if (header !== null) return header;
    if (read.length > MAX_HEADER_BYTES) {
      throw invalid(
        source,
        `it does not end within ${MAX_HEADER_BYTES / 1024} KiB (is a quote never closed?)`,
      );
    }
  }
  const start = markLength(read);
  return {
    bytes: read.subarray(start, contentEnd(read, start, read.length)),
    end: source.size,
    lines: newlinesIn(read),
  };
}

function recordIn(read: Buffer, delimiter: string): Header | null {
  const mark = markLength(read);
  const borders = quotedBorders(delimiter.charCodeAt(0));
  borders.feed(read.subarray(mark));
  let start = mark;
  for (let found = borders.next(0); found >= 0; found = borders.next(0)) {
    const end = mark + found;
    if (!isBlank(end - start, borders.afterReturn())) {
      return {
        bytes: read.subarray(start, contentEnd(read, start, end)),
        end,
        lines: newlinesIn(read.subarray(0, end)),
      };
    }
    start = end;
  }
  return null;
}

function columnsOf(source: Source, header: Header, delimiter: string): readonly string[] {
  if (!isUtf8(header.bytes)) throw invalid(source, "it is not valid UTF-8");
  const parsed = parseRecord(header.bytes.toString("utf8"), delimiter);
  if ("problem" in parsed) throw invalid(source, `it ${parsed.problem}`);
  const problem = columnsProblem(parsed.fields);
  if (problem !== null) throw invalid(source, problem);
  return parsed.fields;
}

/** Where the records of a source begin that has no header. */
async function afterMark(source: Source, store: ObjectStore): Promise<number> {
  let read: Buffer = Buffer.alloc(0);
  for await (const block of store.read(source.name, 0, Math.min(3, source.size), source.version)) {
    read = Buffer.concat([read, asBuffer(block)]);
  }
  return markLength(read);
}

async function readTable(source: Source, store: ObjectStore, options: CsvOptions): Promise<CsvTable> {
  const { delimiter } = options;
  if (options.header !== "first-row") {
    const columns = options.header;
    return {
      columns,
      delimiter,
      start: await afterMark(source, store),
      startLine: 0,
      parsers: rowParsers(columns, delimiter),
    };
  }
  const header = await firstRecord(source, store, delimiter);
  // A source of nothing but blank lines has no items, hence no need of columns.
  const columns =
    header.bytes.toString().trim() === "" && header.end === source.size
      ? []
      : columnsOf(source, header, delimiter);
  return {
    columns,
    delimiter,
    start: header.end,
    startLine: header.lines,
    parsers: rowParsers(columns, delimiter),
  };
}

const tables = new WeakMap<ObjectStore, Map<string, Promise<CsvTable>>>();

/** The table of a source, remembered for the next chunks of the same source. */
export function tableOf(source: Source, store: ObjectStore, options: CsvOptions): Promise<CsvTable> {
  const known = tables.get(store) ?? new Map<string, Promise<CsvTable>>();
  tables.set(store, known);
  const key = JSON.stringify([source.name, source.version, source.size, options]);
  const found = known.get(key);
  if (found !== undefined) return found;
  const oldest = known.keys().next();
  if (known.size >= MAX_TABLES && oldest.done !== true) known.delete(oldest.value);
  const table = readTable(source, store, options);
  known.set(key, table);
  // A failure to read may pass: the next chunk tries again.
  table.catch(() => known.delete(key));
  return table;
}
