/**
 * The failed items of a chunk, as lines of `failed.jsonl`: written by an attempt, read again by a redrive.
 */
import type { FailedPiece } from "../../core/records/contribution.ts";
import { parseFailedLine } from "../../core/failures/failed-line.ts";
import type { FailedLine } from "../../core/failures/failed-line.ts";
import { matches } from "../../core/failures/redrive-filter.ts";
import type { RedriveFilter } from "../../core/failures/redrive-filter.ts";
import type { RecordPosition } from "../../input/reader.ts";
import type { ObjectStore } from "../../ports.ts";
import { linesOf } from "./piece-text.ts";

/** The most bytes of an item's raw text in `failed.jsonl`. */
const MAX_RAW_BYTES = 8192;

/** An item that failed. `index` counts from the chunk's beginning: the join adds what came before. */
type ItemPlace = RecordPosition & Pick<FailedLine, "index" | "chunk" | "attempts" | "toEnd">;

/** `label` is the name of the item's source, unless the item has its own. */
export function failedItem(
  { code, error, noRetry }: Pick<FailedLine, "code" | "error" | "noRetry">,
  { source, index, line, lines, toEnd, offset, rowGroup, row, chunk, attempts, raw, within }: ItemPlace,
  label: string,
): FailedLine {
  const size = { ...(lines === undefined ? {} : { lines }), ...(toEnd ? { toEnd } : {}) };
  // In a run the position is that in the source, and the number in the chunk is kept beside it.
  const place = within === undefined ? { index } : { index: within.index, at: index };
  const group = rowGroup === undefined || row === undefined ? {} : { rowGroup, row };
  const at = { source: source ?? label, ...place, line, ...size, offset, ...group, chunk, attempts };
  return { ...at, ...(noRetry ? { noRetry } : {}), code, error, item: clip(raw) };
}

function clip(raw: string): string {
  if (raw.length * 3 <= MAX_RAW_BYTES) return raw;
  const bytes = Buffer.from(raw);
  if (bytes.length <= MAX_RAW_BYTES) return raw;
  let end = MAX_RAW_BYTES;
  // Not in the middle of a character: continuation bytes are 10xxxxxx.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString("utf8", 0, end);
}

/** A failed item of an earlier attempt; its positions count from the chunk's beginning. */
export interface FailedItem extends Pick<FailedLine, "index" | "attempts"> {
  /** The line as it was written. */
  readonly line: string;
  /** The redrive runs it again. */
  readonly wanted: boolean;
}

export async function failedItems(
  store: ObjectStore,
  pieces: readonly FailedPiece[],
  filter: RedriveFilter | undefined,
): Promise<FailedItem[]> {
  const items: FailedItem[] = [];
  for (const { piece } of pieces) {
    for await (const line of linesOf(store, piece)) {
      const failed = parseFailedLine(line);
      const { attempts } = failed;
      const index = failed.at ?? failed.index;
      items.push({ line, index, attempts, wanted: matches(filter, failed) });
    }
  }
  return items;
}
