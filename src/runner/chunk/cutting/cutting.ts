/** Where a chunk is cut that is not run to its end: before which item, and how the rest is divided. */
import { beginningFrom } from "../../../core/records/source-run.ts";
import type { ChunkReading } from "../../../input/cut/spooled.ts";
import type { Records } from "../../../input/reader.ts";

/** When a chunk is cut, and into how many parts: by a time budget, or because threads are idle. */
export interface Cutting {
  /** Whether the chunk is to stop before its next item. Asked before every item. */
  readonly isDue: () => boolean;
  /**
   * Whether a due cut is worth that each part opens its input anew. That took `openingMs` here, and items
   * have run for `workedMs`. Absent: always.
   */
  readonly pays?: (openingMs: number, workedMs: number) => boolean;
  /** Whether what is done counts, although the chunk was interrupted or stopped. */
  readonly mayCut: () => boolean;
  /** How many parts the rest is worth, if it takes `leftMs`. */
  readonly partsFor: (leftMs: number) => number;
  /** Whether there is no time to look for further places at which the rest can be cut. */
  readonly isLate: () => boolean;
}

/** An item of a chunk, among the records that it was read with. */
export interface ItemPoint {
  readonly records: Records;
  readonly index: number;
  /** Items of the chunk before `records`. */
  readonly before: number;
}

/**
 * Where the range of an item begins, in the unit of ranges. Every reader knows it: of an indexed one it is
 * the number of the item, of others the offset in the text that is read. `null`: the range cannot be cut
 * there.
 */
export function positionOf(
  { kind, request }: ChunkReading,
  { records, index, before }: ItemPoint,
): number | null {
  if (kind.indexed) return request.range.start + before + index;
  const { key, within } = records.locate(index);
  return within === undefined ? key : within.place;
}

/**
 * Where the parts of a rest begin: `from`, and up to `parts` − 1 positions behind it. Text that has to be
 * read to know where its records begin is read on, without running its items.
 */
export async function partStarts(
  reading: ChunkReading,
  from: number,
  {
    parts,
    isRun,
    isLate,
  }: { readonly parts: number; readonly isRun: boolean; readonly isLate: () => boolean },
): Promise<number[]> {
  const { kind, request } = reading;
  const { end } = request.range;
  const count = Math.max(1, Math.min(parts, end - from));
  const wanted = Array.from(
    { length: count - 1 },
    (_, n) => from + Math.round(((n + 1) * (end - from)) / count),
  );
  // A run is cut where a source begins.
  if (isRun) return [...new Set([from, ...wanted.map(beginningFrom).filter((start) => start < end)])];
  const isAnywhere = request.exact !== true && kind.text?.format(request.options).anywhere === true;
  if (kind.indexed || isAnywhere) return [...new Set([from, ...wanted])];
  const starts = await (kind.recordStarts?.(request, wanted) ?? recordsAt(reading, from, wanted, isLate));
  return [...new Set([from, ...starts])];
}

/** The first record at or behind each of these positions, as far as there is time. */
async function recordsAt(
  { kind, request }: ChunkReading,
  from: number,
  wanted: readonly number[],
  isLate: () => boolean,
): Promise<number[]> {
  const starts: number[] = [];
  let next = 0;
  if (wanted.length === 0) return starts;
  const { signal: _, ...unlimited } = request;
  const rest = { ...unlimited, range: { ...request.range, start: from } };
  for await (const records of kind.read(rest)) {
    if (isLate()) return starts;
    const last = records.values.length - 1;
    const lastKey = last < 0 ? -1 : records.locate(last).key;
    for (let at = wanted[next]; at !== undefined && at <= lastKey; at = wanted[++next])
      starts.push(records.locate(firstFrom(records, at)).key);
    if (next === wanted.length) break;
  }
  return starts;
}

/** The first of the records whose key is not below `at`. The last one's is not. */
function firstFrom(records: Records, at: number): number {
  let low = 0;
  let high = records.values.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (records.locate(middle).key < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
