/** The failed items of a chunk, as it left them, and which of them a redrive wants. */
import type { FailedPiece } from "../../core/records/contribution.ts";
import type { ObjectStore } from "../../ports.ts";
import { linesOf } from "./piece-text.ts";
import type { FailureKind, RedriveFilter } from "../../core/redrive-filter.ts";
import { matches } from "../../core/redrive-filter.ts";

/** A line of `failed.jsonl`, counted from the chunk's beginning. */
export interface FailedItem {
  readonly line: string;
  /** `null` if the chunk was given up as a whole. */
  readonly index: number | null;
  readonly attempts: number;
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
      // As `run-chunk.ts` and `dead-letter.ts` wrote it.
      const failed = JSON.parse(line) as FailureKind & Pick<FailedItem, "index" | "attempts">;
      const { index, attempts } = failed;
      items.push({ line, index, attempts, wanted: matches(filter, failed) });
    }
  }
  return items;
}
