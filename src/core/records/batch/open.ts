/** The field by which ledgers list the batches that somebody still has to look after. */
import type { Fields } from "../record.ts";

/**
 * The field of batches that have not ended, and of those whose end is still to be told. Ledgers index it, so
 * that the sweeper reads no other batch.
 */
export const OPEN = { open: "batch" } as const;
export const NO_LONGER_OPEN = ["open"] as const;

/**
 * What the end of a batch changes of that. The news are part of the commit, so no crash comes between the
 * two: the sweeper, or the next owner, finds the batch in the list until all is told.
 */
export function afterEnd(record: Fields, endedAt: number): { set: Fields; remove: readonly string[] } {
  if (record["tells"] !== true) return { set: {}, remove: NO_LONGER_OPEN };
  return { set: { ...OPEN, news: { tries: 0, at: endedAt, told: [] } }, remove: [] };
}
