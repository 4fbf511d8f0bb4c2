/**
 * What workers count while a batch runs: the record `failures/<batch>`. It may be behind the tree (a crash
 * between the two) or ahead of it (an update that was repeated because its reply was lost).
 */
import type { Fields, Update } from "../record.ts";
import type { Totals } from "../totals.ts";

export type LiveCounts = Partial<Pick<Totals, "failed" | "succeeded" | "units" | "chunks">> & {
  /** Chunks that went to the job's larger function. */
  readonly larger?: number;
  /** What coordinator and joins have spent. */
  readonly mbs?: number;
  readonly fees?: number;
  /** What workers have spent on a batch whose cost is limited, in billionths of a dollar. */
  readonly nano?: number;
  /** Chunks that were hedged, and hedges that settled their chunk. */
  readonly hedges?: number;
  readonly hedgesWon?: number;
};

export function liveCountsKey(batch: string): string {
  return `failures/${batch}`;
}

export function addLiveCounts(batch: string, counts: LiveCounts): Update {
  return { key: liveCountsKey(batch), when: [], set: {}, add: { ...counts } };
}

/** A count of the record; 0 if it has none. */
export function liveCount(record: Fields | null, name: keyof LiveCounts | "tried"): number {
  return Number(record?.[name] ?? 0);
}
