/**
 * The heartbeat of a thread: numbers in shared memory, written at almost no cost. A watchdog in another
 * thread sees whether anything moves, and after this thread's death which item was open.
 */

/** The item that began last, by its place among the records being run. Only written: once for every item. */
export const BEGUN = 0;
/** Changes while the event loop turns. */
export const TURNS = 1;
/** Chunks whose items may have running code; 0 while chunks are only read and written. */
export const INSIDE = 2;
/** Items whose promise is awaited. */
export const IN_FLIGHT = 3;
/** In a careful attempt: the place of the open item within its chunk, from 1; 0: none is open. */
export const OPEN_ITEM = 4;
/** The chunk of the open item. */
export const OPEN_CHUNK = 5;
/**
 * An item that timed out in this attempt and whose code may still run, from 1; 0: none; or
 * `OF_ANOTHER_CHUNK`.
 */
export const OVERDUE_ITEM = 6;
export const OF_ANOTHER_CHUNK = -1;
/** Changes with every group of records that begins. */
export const PIECES = 7;

/** How far the job's `setup` is: 0, `SETTING_UP` or `SET_UP`. */
export const OWN = 8;
/** `setup` runs. */
export const SETTING_UP = 1;
/** It has returned, and `teardown` has not been called. */
export const SET_UP = 2;

/** 32-bit numbers. */
export type Heartbeat = Int32Array;

export const HEARTBEAT_NUMBERS = 9;

/** A heartbeat without a watchdog. */
export function newHeartbeat(): Heartbeat {
  return new Int32Array(HEARTBEAT_NUMBERS);
}

export function isOpen(heartbeat: Heartbeat): boolean {
  return heartbeat[OPEN_ITEM] !== 0;
}
