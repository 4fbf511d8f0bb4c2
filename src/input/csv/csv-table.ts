/** The columns of a CSV source: named by its header or by the job. */
import { FanjoinError } from "../../core/errors/errors.ts";
import type { ObjectStore } from "../../ports.ts";
import { pickProblem } from "./column-names.ts";
import type { CsvFormat, CsvOptions } from "./csv-format.ts";
import { afterLines, bytesAt, type Place, recordAt, type StoredSource } from "./first-record.ts";
import { beginsWithLine, checkExcelLine, headerColumns, namesAsRow, namesLines } from "./header.ts";
import { rowShape, type RowShape } from "./row-shape.ts";
import type { Source } from "../reader.ts";
import { remembering } from "../reads/remembered.ts";

/** More than the first line that Excel writes has, and a byte order mark. */
const EXCEL_LINE_BYTES = 16;

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

/** Where the items of a source begin, and its columns. */
type Opening = Pick<CsvTable, "columns" | "start" | "startLine">;

/** A source of blank lines has no items and needs no columns. */
async function withHeader(stored: StoredSource, place: Place, options: CsvOptions): Promise<Opening> {
  const header = await recordAt(stored, options, place);
  if (header === null) return { columns: options.columns ?? [], start: stored.source.size, startLine: 0 };
  const columns = await headerColumns(stored, header, options);
  return { columns, start: header.end.offset, startLine: header.end.line };
}

async function withoutHeader(stored: StoredSource, place: Place, options: CsvOptions): Promise<Opening> {
  const columns = options.columns ?? [];
  const names = namesLines(columns, options);
  const length = EXCEL_LINE_BYTES + Math.max(...names.map((line) => Buffer.byteLength(line)));
  const { bytes, start } = await bytesAt(stored, place, length);
  const text = bytes.toString();
  checkExcelLine(stored.source, text, options.skipLines);
  if (columns.length > 1 && names.some((line) => beginsWithLine(text, line))) throw namesAsRow(stored.source);
  return { columns, start: start.offset, startLine: start.line };
}

async function readTable(source: Source, store: ObjectStore, options: CsvOptions): Promise<CsvTable> {
  const { header, columns: named, pick, delimiter, quote, comment } = options;
  const format = { delimiter, quote, comment };
  const stored = { source, store };
  const place = await afterLines(stored, options.skipLines);
  const opening = await (header ? withHeader : withoutHeader)(stored, place, options);
  const shape = rowShape(opening.columns, pickedOf(source, pick, opening.columns), format);
  return { ...opening, named: named !== null, format, shape };
}

const remembered = remembering<CsvTable>();

/** The table of a source, remembered for the next chunks of the same source, whichever spool they are in. */
export function tableOf(source: Source, store: ObjectStore, options: CsvOptions): Promise<CsvTable> {
  return remembered(source, store, options, () => readTable(source, store, options));
}
