/** The items of a chunk that run again. */
import type { ChunkResult } from "../chunk-result.ts";
import type { Earlier } from "./earlier-items.ts";

/** For a chunk that was settled before: which items are run again, and what lies between them. */
export interface Redo {
  /** Takes what the items of this attempt come to. */
  readonly result: ChunkResult;
  readonly earlier: Earlier;
  /** The items that are run again, counted from the chunk's beginning, ascending. */
  readonly indices: readonly number[];
  /** Whether the item at `index`, counted from the chunk's beginning, is run again. */
  wants(index: number): boolean;
  /** Adds everything before this item that the earlier attempt made. */
  reach(index: number): void;
  /** How often the item was tried before. */
  attemptsBefore(index: number): number;
}
