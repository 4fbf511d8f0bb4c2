/** Notices threads that one item keeps busy for longer than it may take. */

/** The observable state of a thread at one moment. */
export interface Activity {
  /** The request that it runs. */
  readonly running: number;
  /** These two together change with every item that is begun. */
  readonly pieces: number;
  readonly begun: number;
  /** Changes while the thread's event loop turns. */
  readonly turns: number;
  /** Code of items may be running. */
  readonly inside: boolean;
}

/** The last observation of a thread, and how long it has not moved. */
export interface Watched {
  readonly seen: Activity;
  readonly stillMs: number;
}

/**
 * A thread gets this much more time than an item: the timer of a waiting item has to fire first, and machines
 * are busy.
 */
const LEAST_SLACK_MS = 200;
const SLACK = 0.1;
const LONGEST_MS = 1000;
const SHORTEST_MS = 10;

/** The interval at which a thread shows that it is not kept busy, and at which it is checked. */
export function checkIntervalMs(itemTimeoutMs: number): number {
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, itemTimeoutMs / 4));
}

/**
 * One more observation, `sinceMs` after the last one. A long gap between checks counts as one: if the machine
 * slept, the thread is not to blame.
 */
export function observe(
  before: Watched | null,
  seen: Activity,
  sinceMs: number,
  itemTimeoutMs: number,
): Watched {
  const still = before !== null && seen.inside && isSame(before.seen, seen);
  if (!still) return { seen, stillMs: 0 };
  return { seen, stillMs: before.stillMs + Math.min(sinceMs, 2 * checkIntervalMs(itemTimeoutMs)) };
}

export function isStuck({ stillMs }: Watched, itemTimeoutMs: number): boolean {
  return stillMs > itemTimeoutMs + Math.max(LEAST_SLACK_MS, itemTimeoutMs * SLACK);
}

function isSame(a: Activity, b: Activity): boolean {
  const sameItem = a.running === b.running && a.pieces === b.pieces && a.begun === b.begun;
  return sameItem && a.turns === b.turns && a.inside === b.inside;
}
