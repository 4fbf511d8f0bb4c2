/** Rows of Parquet files. docs/input.md says how values become JSON. */
import { group, invalid, show } from "../option-check.ts";
import { joined } from "./parquet/group-bytes.ts";
import { rowsOf } from "./parquet/rows.ts";
import { positionOfRow, rowAtPosition, tableOf } from "./parquet/table.ts";
import type { ParquetTable, TableGroup } from "./parquet/table.ts";
import type {
  ByteRange,
  ChunkSize,
  CutRequest,
  Cutter,
  Origin,
  Reader,
  ReaderKind,
  ReadRequest,
  Records,
} from "./reader.ts";

export interface ParquetReaderOptions<Picked extends string = string> {
  /**
   * The columns that the items have, by name; default: all. Only these are read, so a pick of few columns is
   * much faster. A nested column is picked as a whole. If a file lacks a picked column, it cannot be read
   * (`INPUT_INVALID`).
   */
  readonly pick?: readonly Picked[] | undefined;
}

/**
 * The rows of Parquet files, as objects keyed by the columns' names. Values are JSON: decimals and integers
 * beyond 2^53 are strings, so that no digit is lost; dates and timestamps are text of ISO 8601; bytes are
 * base64. Give the item type as type argument, or let the job's `item` schema infer it. Throws `JOB_INVALID`.
 */
export function parquet<Item = { readonly [column: string]: unknown }>(
  options: ParquetReaderOptions = {},
): Reader<Item> {
  const { pick } = group(options, "parquet()", ["pick"]);
  if (pick === undefined) return { kind: "parquet", options: {} };
  if (!Array.isArray(pick) || pick.some((name) => typeof name !== "string")) {
    throw invalid(`parquet() takes a list of names as pick; it was given ${show(pick)}.`);
  }
  const names = pick as readonly string[];
  const problem = names.length === 0 ? "there are no columns" : repeated(names);
  if (problem === null) return { kind: "parquet", options: { pick: names } };
  throw invalid(`parquet() was given a pick that is not usable: ${problem}.`);
}

function repeated(names: readonly string[]): string | null {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? null : `it has ${show(twice)} twice`;
}

/** The end of a chunk: whole row groups, or within one where only so many items are wanted. */
interface ChunkEnd {
  readonly end: number;
  readonly items: number;
}

/**
 * Whole row groups up to the size, and one at least: a row group is read from its beginning. A bound on items
 * is kept exactly, so it also cuts within a group.
 */
function endOfChunk({ groups }: ParquetTable, start: number, size: ChunkSize): ChunkEnd | null {
  const most = size.items ?? Infinity;
  let chunk: ChunkEnd | null = null;
  for (const one of groups) {
    if (one.end <= start) continue;
    if (chunk !== null && one.end - start > size.bytes) break;
    const from = rowAtPosition(one, start);
    const before: number = chunk?.items ?? 0;
    const rows = Math.min(one.rows - from, most - before);
    const last = from + rows;
    chunk = { end: last === one.rows ? one.end : positionOfRow(one, last), items: before + rows };
    if (chunk.items >= most) break;
  }
  return chunk;
}

function cut({ sources, options, store, after }: CutRequest): Cutter {
  let number = after?.source ?? 0;
  let start = after?.end ?? 0;
  let items = 0;
  return {
    async next(size) {
      for (let source = sources[number]; source !== undefined; source = sources[++number], start = 0) {
        const bounded = { ...size, items: size.items === null ? null : Math.max(1, size.items) };
        const chunk = endOfChunk(await tableOf(source, store, options), start, bounded);
        if (chunk === null) continue;
        const range = { source: number, start, end: chunk.end };
        start = chunk.end;
        items = chunk.items;
        return range;
      }
      return null;
    },
    lastItems: () => items,
    close: async () => {},
  };
}

/** The group with a position, and the row there. */
function rowAt(groups: readonly TableGroup[], position: number): { group: TableGroup; row: number } | null {
  const group = groups.find(({ end }) => end > position);
  return group === undefined ? null : { group, row: rowAtPosition(group, position) };
}

async function* read({ source, range, options, store }: ReadRequest): AsyncGenerator<Records> {
  const table = await tableOf(source, store, options);
  for (const one of table.groups) {
    if (one.end <= range.start || one.start >= range.end) continue;
    const from = rowAtPosition(one, range.start);
    const to = rowAtPosition(one, range.end);
    if (from < to) yield* rowsOf({ source, store, table, group: one, from, to });
  }
}

/** The footer says how many rows are before. */
async function origin({ source, range, options, store }: ReadRequest): Promise<Origin> {
  const { groups } = await tableOf(source, store, options);
  const at = rowAt(groups, range.start);
  const last = groups.at(-1);
  const items = at ? at.group.firstRow + at.row : last ? last.firstRow + last.rows : 0;
  return { items, lines: null };
}

/** Where rows begin is known without reading them. */
async function recordStarts(
  { source, range, options, store }: ReadRequest,
  wanted: readonly number[],
): Promise<number[]> {
  const { groups } = await tableOf(source, store, options);
  const starts = wanted.map((position) => {
    const at = rowAt(groups, position);
    if (at === null) return range.end;
    return at.row < at.group.rows ? positionOfRow(at.group, at.row) : at.group.end;
  });
  return starts.filter((start) => start < range.end);
}

async function measure({ source, options, store }: Omit<ReadRequest, "range">): Promise<number> {
  const { groups } = await tableOf(source, store, options);
  return groups.at(-1)?.end ?? 0;
}

/** The wanted columns of whole row groups, and the footer. */
async function neededBytes({ source, range, options, store }: ReadRequest): Promise<ByteRange[]> {
  const { groups, footerStart } = await tableOf(source, store, options);
  const wanted = groups.filter(({ start, end }) => end > range.start && start < range.end);
  const columns = wanted.flatMap((one) => one.columns.flat()).map(({ chunk }) => chunk);
  return joined([...columns, { start: footerStart, end: source.size }]);
}

export const parquetKind: ReaderKind = {
  unit: "bytes",
  indexed: false,
  measured: false,
  measure,
  cut,
  origin,
  read,
  recordStarts,
  neededBytes,
};
