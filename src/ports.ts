/**
 * What the steps need from the world, named by role. No policy lives behind these: one contract suite per
 * port (`test/contract/`) is run against every adapter.
 */
import type { Piece, Segment } from "./core/records/contribution.ts";
import type { Fields, Update, Updated } from "./core/records/record.ts";
import type { Message, QueueName } from "./core/records/message.ts";

/** Which records a list holds, and in which order. */
export interface ListOptions {
  /** From the greatest key down; `after` is then the key that the list goes on below. */
  readonly descending?: boolean;
  /** Only records that have this field. Platforms keep an index of `open` and of no other. */
  readonly having?: "open";
}

/** The durable record of what is settled. */
export interface Ledger {
  /**
   * The records at `keys`, `null` where there is none. Strongly consistent unless `stale` is asked for
   * (progress only).
   */
  read(keys: readonly string[], options?: { readonly stale?: boolean }): Promise<(Fields | null)[]>;
  /** One conditional update, as `applyUpdate` says. */
  update(update: Update): Promise<Updated>;
  /**
   * Records whose key starts with `prefix`, in key order, after the key `after`. What was written a moment
   * ago may be missing; the records themselves are read consistently.
   */
  list(
    prefix: string,
    after: string | null,
    limit: number,
    options?: ListOptions,
  ): Promise<{ key: string; fields: Fields }[]>;
}

/**
 * At-least-once delivery. Receiving is the platform's business: Lambda's event source, or the embedded
 * engine.
 */
export interface Queue {
  /** Resolves when every message is accepted; may wait while the queue is too long (back-pressure). */
  send(queue: QueueName, messages: readonly Message[]): Promise<void>;
}

export interface ObjectStat {
  readonly bytes: number;
  /** Changes whenever the content may have changed. */
  readonly version: string;
}

/** An object of a list. */
export interface ListedObject extends ObjectStat {
  /** `s3://…` */
  readonly url: string;
}

/**
 * An object being written: `close` makes it readable and says where it is. Never throws away what was written
 * before `close`.
 */
export interface ObjectWriter {
  write(bytes: Uint8Array | string): Promise<void>;
  close(): Promise<Segment>;
}

/**
 * Bytes by name. Names are `file:` URLs or `s3:` URLs for users' inputs (read only), or relative names for
 * fanjoin's own objects.
 */
export interface ObjectStore {
  /** `null` where there is no such object. */
  stat(name: string): Promise<ObjectStat | null>;
  /**
   * The bytes from `start` up to `end` (exclusive; beyond the end of the object is allowed and yields what
   * there is), in blocks of any size. With `version`, an object that is another one now fails with
   * `INPUT_CHANGED`; a missing one with `INPUT_NOT_FOUND`. A block may be handed back by the iterator's
   * `next(block)`: a store that can fills it again.
   */
  read(name: string, start: number, end: number, version?: string): AsyncIterable<Uint8Array>;
  /**
   * Begins an object of fanjoin's own. `name` is a wish: the segment that `close` returns says where the
   * bytes are.
   */
  create(name: string): ObjectWriter;
  /**
   * Writes `pieces`, one after the other, as the one object `name`, replacing what was there. Returns its
   * size in bytes.
   */
  compose(name: string, pieces: AsyncIterable<Piece>): Promise<number>;
}

/** Time, so that tests own it. Milliseconds since the epoch. */
export interface Clock {
  now(): number;
}

/** What every step works with. */
export interface Ports {
  readonly ledger: Ledger;
  readonly queue: Queue;
  readonly store: ObjectStore;
  readonly clock: Clock;
  /** A new short unique tag for an attempt: letters and digits, at most 7 characters, the first never `-`. */
  readonly newTag: () => string;
}
