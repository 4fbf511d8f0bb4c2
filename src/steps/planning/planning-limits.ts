/** What a planner keeps to where its time is limited, and nothing else slows it down. */
import { nextChunks } from "../../core/chunk-size.ts";
import type { SizeBounds } from "../../core/chunk-size.ts";
import type { ObjectStore } from "../../ports.ts";
import type { TimeBudget } from "../../runner/time-budget.ts";

/**
 * Where the platform ends a coordinator after a while, and nothing holds it back when there are chunks
 * enough.
 */
export interface PlanLimits {
  /** The time there is: what is not planned by then another one plans. */
  readonly timeBudget: TimeBudget;
  /**
   * How long it waits in all for a first chunk to settle, to learn its size, before it plans most of the
   * input.
   */
  readonly patienceMs: number;
}

/** Entries, of 28 chunks together, that are planned before anything is known about the time they take. */
const ENTRIES_AHEAD = 3;

/** There is no time to cut any further. */
export class TimeIsUp extends Error {
  override readonly name = "TimeIsUp";
}

/** The coordinator's time is up; another one is to go on from `entry`. */
export class OutOfTime extends Error {
  override readonly name = "OutOfTime";
  readonly entry: number;

  constructor(entry: number) {
    super(`planning goes on from entry ${entry}`);
    this.entry = entry;
  }
}

/** A store whose reads end with the time budget: reading is what takes time in planning. */
export function storeWithin(store: ObjectStore, timeBudget: TimeBudget): ObjectStore {
  return {
    stat: (name) => store.stat(name),
    async *read(...given) {
      for await (const block of store.read(...given)) {
        if (timeBudget.isOver()) throw new TimeIsUp();
        yield block;
      }
    },
    create: (name) => store.create(name),
    compose: (name, pieces) => store.compose(name, pieces),
  };
}

/**
 * Whether the chunks of the next entry would be larger than any before them, with nothing known about how
 * long those take.
 */
export function growsBlindly(entry: number, bounds: SizeBounds): boolean {
  const sizeAt = (at: number, left: number | null): number => {
    const { bytes, items } = nextChunks(at, { ...bounds, left }, null);
    return bounds.unit === "bytes" ? bytes : (items ?? bytes);
  };
  return entry >= ENTRIES_AHEAD && sizeAt(entry, bounds.left) > sizeAt(ENTRIES_AHEAD - 1, null);
}
