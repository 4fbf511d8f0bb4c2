/** The failed items of a chunk, as it left them, and which of them a redrive wants. */
import type { FailedPiece } from "../core/contribution.ts";
import type { ObjectStore } from "../ports.ts";
import { linesOf } from "./piece-text.ts";

/** Which failed items are done again: of any of these error codes and classes; `null` = whichever. */
export interface RedriveFilter {
  readonly codes: readonly string[] | null;
  readonly classes: readonly string[] | null;
}

/** A line of `failed.jsonl`, counted from the chunk's beginning. */
export interface FailedItem {
  readonly line: string;
  /** `null` if the chunk was given up as a whole. */
  readonly index: number | null;
  readonly attempts: number;
  readonly wanted: boolean;
}

interface Kind {
  readonly code: string;
  readonly error: { readonly name: string };
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
      const failed = JSON.parse(line) as Kind & Pick<FailedItem, "index" | "attempts">;
      const { index, attempts } = failed;
      items.push({ line, index, attempts, wanted: matches(filter, failed) });
    }
  }
  return items;
}

/** Whether a redrive wants a failed item of this kind. */
export function matches(filter: RedriveFilter | undefined, { code, error }: Kind): boolean {
  const { codes = null, classes = null } = filter ?? {};
  return (codes?.includes(code) ?? true) && (classes?.includes(error.name) ?? true);
}
