/** Limits for a planner on a platform with a time limit and no back-pressure (Lambda). */
import { nextChunks } from "../../core/chunk-size.ts";
import type { SizeBounds } from "../../core/chunk-size.ts";
import type { ObjectStore } from "../../ports.ts";
import type { TimeBudget } from "../../runner/time-budget.ts";

export interface PlanLimits {
  /** When it is used up, another coordinator continues. */
  readonly timeBudget: TimeBudget;
  /** How long it may wait in all for a first chunk to settle, to learn chunk sizes from it. */
  readonly patienceMs: number;
}

/** Entries that are planned before any chunk's duration is known. They hold 28 chunks together. */
const ENTRIES_AHEAD = 3;

/** There is no time left to cut ranges. */
export class TimeIsUp extends Error {
  override readonly name = "TimeIsUp";
}

/** The coordinator's time is up. Another one has to continue from `entry`. */
export class OutOfTime extends Error {
  override readonly name = "OutOfTime";
  readonly entry: number;

  constructor(entry: number) {
    super(`planning goes on from entry ${entry}`);
    this.entry = entry;
  }
}

/** A store whose reads throw `TimeIsUp` when the budget is over. Planning spends its time on reads. */
export function storeWithin(store: ObjectStore, timeBudget: TimeBudget): ObjectStore {
  return {
    ...store,
    async *read(...range) {
      for await (const block of store.read(...range)) {
        if (timeBudget.isOver()) throw new TimeIsUp();
        yield block;
      }
    },
  };
}

/** Whether the chunks of `entry` would be larger than all before them, while no duration is known yet. */
export function growsBlindly(entry: number, bounds: SizeBounds): boolean {
  const sizeAt = (at: number, left: number | null): number => {
    const { bytes, items } = nextChunks(at, { ...bounds, left }, null);
    return bounds.unit === "bytes" ? bytes : (items ?? bytes);
  };
  return entry >= ENTRIES_AHEAD && sizeAt(entry, bounds.left) > sizeAt(ENTRIES_AHEAD - 1, null);
}
