/** Notices threads that one item keeps busy for longer than it may take. */

/** What can be seen of a thread at one moment. */
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

/** A thread as it was seen last, and for how long it has not moved. */
export interface Watched {
  readonly seen: Activity;
  readonly stillMs: number;
}

/**
 * What a thread may take longer than an item may: the timer that cuts off an item that waits comes first, and
 * machines are busy.
 */
const LEAST_SLACK_MS = 200;
const SLACK = 0.1;
const LONGEST_MS = 1000;
const SHORTEST_MS = 10;

/** How often a thread shows that it is not kept busy, and how often it is looked at. */
export function checkIntervalMs(itemTimeoutMs: number): number {
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, itemTimeoutMs / 4));
}

/**
 * One more observe, `sinceMs` after the last one. Time in which nobody looked counts as one look's: a machine
 * that was asleep is no fault of the thread's.
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
