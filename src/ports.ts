/**
 * The ports: what the steps need from the world, named by role. Adapters hold no policy. Each port has one
 * contract suite (`test/contract/`), which runs against every adapter.
 */
import type { Piece, Segment } from "./core/records/contribution.ts";
import type { Fields, Update, Updated } from "./core/records/record.ts";
import type { Message, QueueName } from "./core/records/message.ts";
import type { Spent } from "./core/records/batch/bounds/spent.ts";
import type { LatencyCounts } from "./core/history/latency.ts";
import type { Done } from "./core/protocol/task.ts";

/** Which records are listed, and in which order. */
export interface ListOptions {
  /** From the greatest key down. Then the list goes on below the key `after`. */
  readonly descending?: boolean;
  /** Only records that have this field. Platforms have an index of `open`, and of no other field. */
  readonly having?: "open";
}

/** The durable record of what is settled. */
export interface Ledger {
  /**
   * The records at `keys`; `null` where there is none. Reads are strongly consistent. With `stale` they need
   * not be; only displays of progress use it.
   */
  read(keys: readonly string[], options?: { readonly stale?: boolean }): Promise<(Fields | null)[]>;
  /** One conditional update, as `applyUpdate` defines it. */
  update(update: Update): Promise<Updated>;
  /**
   * Records whose key begins with `prefix`, in the order of their keys, after the key `after`. Records that
   * are very new may be missing. The listed records themselves are read consistently.
   */
  list(
    prefix: string,
    after: string | null,
    limit: number,
    options?: ListOptions,
  ): Promise<{ key: string; fields: Fields }[]>;
}

/**
 * A queue with at-least-once delivery. The platform receives: Lambda's event source, or the embedded engine.
 */
export interface Queue {
  /**
   * Resolves when every message is accepted. May wait while the queue is too long (back-pressure). With
   * `delayMs` no message is delivered before, where the platform can delay: for 15 minutes at most, or not at
   * all.
   */
  send(
    queue: QueueName,
    messages: readonly Message[],
    options?: { readonly delayMs?: number },
  ): Promise<void>;
}

export interface ObjectStat {
  readonly bytes: number;
  /** Differs if the content may have changed. */
  readonly version: string;
}

/** An object as a list of objects has it. */
export interface ListedObject extends ObjectStat {
  /** `s3://…` */
  readonly url: string;
}

/**
 * Writes an object. `close` makes it readable, and says where its bytes are. What was written before `close`
 * is not discarded.
 */
export interface ObjectWriter {
  write(bytes: Uint8Array | string): Promise<void>;
  close(): Promise<Segment>;
}

/**
 * Objects by name. A user's input has a `file:` or `s3:` URL and is only read. An object of fanjoin has a
 * relative name.
 */
export interface ObjectStore {
  /** Its segments have checksums, which their readers compare. Other stores check their bytes themselves. */
  readonly sums?: true;
  /** Whether each read of the object is a request that takes time and costs money. Absent: none is. */
  remote?(name: string): boolean;
  /** `null` where there is no such object. */
  stat(name: string): Promise<ObjectStat | null>;
  /**
   * The bytes from `start` up to `end` (exclusive), in blocks of any size. `end` may be beyond the end of the
   * object. Throws `INPUT_NOT_FOUND` if the object is missing, and `INPUT_CHANGED` if it no longer has the
   * given `version`. A reader may hand a block back with the iterator's `next(block)`, so that the store can
   * fill it again.
   */
  read(name: string, start: number, end: number, version?: string): AsyncIterable<Uint8Array>;
  /**
   * The same store; the objects that it creates belong to `batch`, and may be removed with it. Asked again
   * for the same batch soon, it is the same one.
   */
  of(batch: string): ObjectStore;
  /**
   * Begins an object of a batch (`of`). `name` is a hint: the bytes are where the segment of `close` says.
   */
  create(name: string): ObjectWriter;
  /**
   * Writes all pieces in order as the object `name`, and replaces it. Returns its size in bytes. `kept`: the
   * caller keeps the bytes elsewhere too, so the object need not survive a power cut.
   */
  compose(name: string, pieces: AsyncIterable<Piece>, options?: { readonly kept?: boolean }): Promise<number>;
  /**
   * Removes the objects of fanjoin below the folder `name`, at most some thousands of them. Returns whether
   * all of them are gone. A folder that does not exist is gone.
   */
  removeFolder(name: string): Promise<boolean>;
}

/** Where a coordinator finds the objects that a user names, by their `s3:` URLs. */
export interface InputObjects {
  /** The store's name of an object. Throws `INPUT_FORBIDDEN` for one that may not be read. */
  nameOf(url: string): string;
  /**
   * The objects below a prefix, in the order of their keys, without folders; those after the URL `after`, if
   * it is given. Throws `INPUT_FORBIDDEN`.
   */
  list(prefix: string, after: string | null): AsyncIterable<ListedObject>;
}

/** The time, as a port, so that tests control it. */
export interface Clock {
  /** In milliseconds since the epoch. */
  now(): number;
}

/** Counts what is spent on the work of this process. */
export interface Meter {
  /** What was spent since it was asked last. */
  take(): Spent;
  /** What was taken was not counted: it is taken once more. */
  giveBack(spent: Spent): void;
}

/** Takes the times of the items that a process has run: for people to see, so nothing depends on it. */
export interface ItemTimes {
  note(
    of: { readonly batch: string; readonly generation: number },
    reply: { readonly done: readonly Done[]; readonly latency?: LatencyCounts },
  ): void;
}

/** What a span says of its work. */
export interface SpanOf {
  readonly name: string;
  readonly kind: "producer" | "consumer" | "internal";
  readonly attributes: SpanAttributes;
  /** The W3C `traceparent` of a span of another process: this one goes on in its trace. */
  readonly parent?: string | undefined;
  /** It is in a trace of its own. `link`: the `traceparent` of the span that led to it. */
  readonly own?: { readonly link: string | undefined };
}

export type SpanAttributes = { readonly [name: string]: string | number };

/** A span whose work is over. Times are in milliseconds since the epoch. */
export interface PastSpan extends Pick<SpanOf, "name" | "attributes"> {
  readonly startedAt: number;
  readonly endedAt: number;
}

/** A span of work. Nothing that it is asked to do throws. */
export interface TraceSpan {
  /** `null` where nothing is recorded. */
  readonly traceparent: string | null;
  set(attributes: SpanAttributes): void;
  /** A part of its work that is over. */
  child(past: PastSpan): void;
}

/** Traces: spans for people to see. Nothing depends on them, and their errors fail nothing. */
export interface Tracer {
  /**
   * Runs work in a span, which is the active one meanwhile. Throws what the work throws, and nothing else.
   * Without `parent` and `own` it is below the span that is active.
   */
  span<T>(of: SpanOf, work: (span: TraceSpan) => Promise<T>): Promise<T>;
  /** Records a span that is over, and its children. Of several processes only one may do so. */
  past(of: SpanOf & PastSpan, children: readonly PastSpan[]): Promise<void>;
  /** Resolves when what was recorded is exported, or could not be, or took too long. */
  flush(): Promise<void>;
}

/** All ports of a step. */
export interface Ports {
  readonly ledger: Ledger;
  readonly queue: Queue;
  readonly store: ObjectStore;
  readonly clock: Clock;
  /** Absent on platforms where all inputs are found before a batch is submitted. */
  readonly objects?: InputObjects | undefined;
  /** Makes a unique tag for an attempt: at most 7 letters and digits. */
  readonly newTag: () => string;
  /** Absent where nobody is charged. */
  readonly meter?: Meter;
  /** Absent where threads are watched themselves. */
  readonly times?: ItemTimes;
  /** Absent where traces are not asked for. */
  readonly tracer?: Tracer | undefined;
  /** The fan-in of the join tree. Absent: `FAN_IN`. Only tests of a job give another one. */
  readonly fanIn?: number;
}
