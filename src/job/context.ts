/** What the code of a job gets from fanjoin, beside its items. */

/** The position of an item. */
export interface Position {
  /** The source, as the user named it. */
  readonly source: string;
  readonly chunk: number;
  /** The item's number within its chunk, from 0. */
  readonly index: number;
  /** In bytes from the start of the source. `null`: the source has no byte offsets. */
  readonly offset: number | null;
}

/** Writes log entries. `fields` are added to an entry as they are. */
export interface Logger {
  debug(message: string, fields?: { readonly [name: string]: unknown }): void;
  info(message: string, fields?: { readonly [name: string]: unknown }): void;
  warn(message: string, fields?: { readonly [name: string]: unknown }): void;
  error(message: string, fields?: { readonly [name: string]: unknown }): void;
}

/** The second argument of `process`. */
export interface Context<Params = unknown, Own = unknown> {
  /** Aborted when the item's time is up, the batch ends or the process stops. */
  readonly signal: AbortSignal;
  readonly position: Position;
  /**
   * The same for this item in every try, redelivery, resume and redrive, and different for every other item
   * of the batch: an idempotency key for what `process` does elsewhere.
   */
  readonly key: string;
  /** The number of this try of the item, from 1. */
  readonly attempt: number;
  /** The batch's parameters, checked by the job's `params` schema. */
  readonly params: Params;
  /** What the job's `setup` returned in this thread or Lambda environment; `undefined` without a `setup`. */
  readonly own: Own;
  readonly log: Logger;
  /** How long this attempt at the chunk may still run, in milliseconds. */
  remainingMs(): number;
}

/**
 * The argument of `setup`. It has no params and no item: a thread, and a Lambda environment, serves batch
 * after batch of its job, and each batch has params of its own. Those are in the `ctx` of `process`.
 */
export interface SetupContext {
  /** The job's name. */
  readonly job: string;
  readonly log: Logger;
  /** Aborted when `setup` has taken too long, or the work that waits for it is no longer wanted. */
  readonly signal: AbortSignal;
}
