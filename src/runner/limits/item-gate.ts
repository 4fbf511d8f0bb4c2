/** The limits of a job, as its items meet them. */

/** Admits the calls of `process` of one attempt at a chunk. */
export interface ItemGate {
  /** Resolves when `process` may be called; with false if the item is not wanted any more, or given back. */
  admit(signal: AbortSignal): Promise<boolean>;
  /** When items that are given back should come again, in milliseconds since the epoch. */
  readonly returnsAt: number;
  /** An admitted call has ended, or its time is up. `thrown`: its error, if it has one. */
  leave(thrown?: unknown): void;
  /** Every call of the limit waits so long: its service has asked for it. */
  pause(ms: number): void;
}
