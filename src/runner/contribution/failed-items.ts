/** The failed items of a chunk, as it left them, and which of them a redrive wants. */
import type { FailedPiece } from "../../core/records/contribution.ts";
import type { ObjectStore } from "../../ports.ts";
import { linesOf } from "./piece-text.ts";
import { parseFailedLine } from "../../core/failed-line.ts";
import type { FailedLine } from "../../core/failed-line.ts";
import type { RedriveFilter } from "../../core/redrive-filter.ts";
import { matches } from "../../core/redrive-filter.ts";

/** A failed item of a chunk; its positions count from the chunk's beginning. */
export interface FailedItem extends Pick<FailedLine, "index" | "attempts"> {
  /** The line as it was written. */
  readonly line: string;
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
      const { index, attempts } = failed;
      items.push({ line, index, attempts, wanted: matches(filter, failed) });
    }
  }
  return items;
}
