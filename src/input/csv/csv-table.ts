/** The columns of a CSV source: named by its header or by the job. */
import { isUtf8 } from "node:buffer";
import { FanjoinError } from "../../core/errors.ts";
import type { ObjectStore } from "../../ports.ts";
import { asBuffer } from "../text/record-ends.ts";
import { columnsProblem, pickProblem } from "./column-names.ts";
import { bordersOf, type CsvFormat, type CsvOptions } from "./csv-format.ts";
import { rowShape, type RowShape } from "./row-shape.ts";
import { splitRecord } from "./row-splitter.ts";
import { markLength, newlinesIn } from "../text/pieces.ts";
import { firstSpan } from "../text/locate.ts";
import type { Source } from "../reader.ts";

/** A longer header is refused: most likely the file is not CSV. */
const MAX_HEADER_BYTES = 1024 * 1024;

/** The number of sources whose columns are remembered, per store. */
const MAX_TABLES = 32;

export interface CsvTable {
  readonly columns: readonly string[];
  /** The columns are named by the job, not by the header. */
  readonly named: boolean;
  readonly format: CsvFormat;
  /** The offset of the first item, or of the text after the header. */
  readonly start: number;
  /** The number of lines before it. */
  readonly startLine: number;
  readonly shape: RowShape;
}

function invalid(source: Source, problem: string): FanjoinError {
  return new FanjoinError(
    "INPUT_INVALID",
    `${source.label}: the header is not usable: ${problem}. Correct the first row, or name the columns with csv({ columns: [...] }).`,
  );
}

interface Header {
  /** Its line end included. */
  readonly bytes: Buffer;
  /** After its newline. */
  readonly end: number;
  /** The number of lines up to there. */
  readonly lines: number;
}

/**
 * The first record that is neither a blank line nor a comment, read no further than necessary; `null` if
 * there is none.
 */
async function firstRecord(source: Source, store: ObjectStore, format: CsvFormat): Promise<Header | null> {
  let read: Buffer = Buffer.alloc(0);
  for await (const block of store.read(source.name, 0, source.size, source.version)) {
    read = Buffer.concat([read, asBuffer(block)]);
    const header = headerIn(read, format, false);
    if (header !== null) return header;
    if (read.length > MAX_HEADER_BYTES) {
      throw invalid(
        source,
        `it does not end within ${MAX_HEADER_BYTES / 1024} KiB (is a quote never closed?)`,
      );
    }
  }
  return headerIn(read, format, true);
}

function headerIn(read: Buffer, format: CsvFormat, last: boolean): Header | null {
  const mark = markLength(read);
  const body = read.subarray(mark);
  const span = firstSpan(body, bordersOf(format), last);
  if (span === null) return null;
  return {
    bytes: body.subarray(span.start, span.next),
    end: mark + span.next,
    lines: newlinesIn(body.subarray(0, span.next)),
  };
}

function columnsOf(source: Source, header: Header, format: CsvFormat): readonly string[] {
  if (!isUtf8(header.bytes))
    throw invalid(
      source,
      'it is not valid UTF-8 (if the source has another encoding, name it: csv({ encoding: "latin1" }))',
    );
  const record = splitRecord(header.bytes.toString("utf8"), format);
  if (record.problem !== null) throw invalid(source, `it ${record.problem}`);
  const problem = columnsProblem(record.fields);
  if (problem !== null) throw invalid(source, problem);
  return record.fields;
}

/** The columns of the items. A source without records has no columns, and none are missed. */
function pickedOf(
  source: Source,
  pick: readonly string[] | null,
  columns: readonly string[],
): readonly string[] {
  if (pick === null || columns.length === 0) return columns;
  const problem = pickProblem(pick, columns);
  if (problem === null) return pick;
  throw new FanjoinError(
    "INPUT_INVALID",
    `${source.label}: csv() cannot pick a column: ${problem}. Correct csv({ pick: [...] }), or the header.`,
  );
}

/** The offset of the first record of a source without a header. */
async function afterMark(source: Source, store: ObjectStore): Promise<number> {
  let read: Buffer = Buffer.alloc(0);
  for await (const block of store.read(source.name, 0, Math.min(3, source.size), source.version)) {
    read = Buffer.concat([read, asBuffer(block)]);
  }
  return markLength(read);
}

async function readTable(source: Source, store: ObjectStore, options: CsvOptions): Promise<CsvTable> {
  const { header, columns: named, pick, delimiter, quote, comment } = options;
  const format = { delimiter, quote, comment };
  const first = header ? await firstRecord(source, store, format) : null;
  // A source of blank lines has no items and needs no columns.
  const columns = named ?? (first === null ? [] : columnsOf(source, first, format));
  const nothing = { end: header ? source.size : await afterMark(source, store), lines: 0 };
  const { end, lines } = first ?? nothing;
  const shape = rowShape(columns, pickedOf(source, pick, columns), format);
  return { columns, named: named !== null, format, start: end, startLine: lines, shape };
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
  // A failed read may succeed later: the next chunk tries again.
  table.catch(() => known.delete(key));
  return table;
}
