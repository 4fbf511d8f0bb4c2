/**
 * What another thread can see of the items that run here: numbers in memory that it shares, written at no
 * cost. Its watchdog sees whether anything moves; and when this thread is dead, it sees which item was open.
 */

/**
 * The item that was begun last, by its place in the piece that is worked on: written, never read here,
 * because it is written for every item.
 */
export const BEGUN = 0;
/** Changes while the event loop turns. */
export const TURNS = 1;
/** How many chunks may have code of items running; 0 while they are read and written. */
export const INSIDE = 2;
/** Items whose promise is awaited. */
export const IN_FLIGHT = 3;
/** In a careful attempt: the place of the open item within its chunk, from 1; 0 = none is open. */
export const OPEN_ITEM = 4;
/** The chunk of the open item. */
export const OPEN_CHUNK = 5;
/**
 * An item that ran out of time in this attempt and whose code may still run, from 1; 0 = none,
 * `OF_ANOTHER_CHUNK`.
 */
export const OVERDUE_ITEM = 6;
export const OF_ANOTHER_CHUNK = -1;
/** Changes with every piece of items that is begun. */
export const PIECES = 7;

/** 32-bit numbers. */
export type Heartbeat = Int32Array;

export const HEARTBEAT_NUMBERS = 8;

/** One that nobody looks at. */
export function newHeartbeat(): Heartbeat {
  return new Int32Array(HEARTBEAT_NUMBERS);
}

export function isOpen(heartbeat: Heartbeat): boolean {
  return heartbeat[OPEN_ITEM] !== 0;
}
