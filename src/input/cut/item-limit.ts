/**
 * Counts the items of a plan, for a batch of only the first items of its input. The plan ends with the record
 * that is the last wanted item. Each entry says how many items the plan has with it, so that another planner
 * continues to count there.
 */
import type { Cut, PlanEntry } from "../../core/records/plan.ts";
import type { ChunkSize } from "../reader.ts";

export interface ItemLimit {
  /** The size without items beyond the last wanted one. Items are counted only where a size bounds them. */
  bound<Size extends ChunkSize>(size: Size): Size;
  add(items: number): void;
  isReached(): boolean;
  /** For the entry that is cut: how many items the plan has with it. */
  mark(): Required<Pick<Cut, "items">>;
}

/** `last`: the plan so far; `null` if there is none. */
export function itemLimit(maxItems: number, last: Pick<PlanEntry, "items"> | null): ItemLimit {
  let items = last?.items ?? 0;
  return {
    bound: (size) => ({ ...size, items: Math.min(size.items ?? maxItems, maxItems - items) }),
    add(more) {
      items += more;
    },
    isReached: () => items >= maxItems,
    mark: () => ({ items }),
  };
}
