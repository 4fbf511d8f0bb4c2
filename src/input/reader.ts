/** What a reader is: how a source is cut into chunks, and how the items of one chunk are read. */
import type { Json } from "../core/json.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { ObjectStore } from "../ports.ts";
import type { Borders } from "./text/record-ends.ts";

/**
 * What a user's job names, e.g. `csv({ delimiter: ';' })`: plain data that travels in the batch record.
 * `Item` exists for types only.
 */
export interface Reader<Item = unknown> {
  readonly kind: ReaderName;
  readonly options: { readonly [name: string]: Json };
  /**
   * Sources that the reader brings itself (a range, inline items); other readers are given theirs on the
   * command line.
   */
  readonly own?: OwnSource;
  /**
   * Makes the items, where a function of the job does. It stays with the job: only the threads that load that
   * have it.
   */
  readonly generate?: Generate;
  /** Never present; carries the item's type. */
  readonly item?: Item;
}

export type ReaderName = "csv" | "files" | "jsonl" | "json" | "lines" | "range" | "items" | "from";

/**
 * `range`: integers from `from` up to `to` (exclusive). `items`: written as JSON lines when the batch is
 * submitted. `generated`: what `generate` makes.
 */
export type OwnSource =
  | { readonly from: number; readonly to: number }
  | { readonly items: readonly unknown[] }
  | { readonly generated: true };

/** What the function of `from(…)` is given. */
export interface GenerateContext<Params = unknown> {
  /** The batch's parameters, checked by the job's `params` schema. */
  readonly params: Params;
  /** Aborted when the batch ends or the process stops. */
  readonly signal: AbortSignal;
}

// A method, so that one that wants parameters of a certain type is a `Generate`.
export type Generate = {
  bivariant(context: GenerateContext): AsyncIterable<unknown> | Iterable<unknown>;
}["bivariant"];

/** One input of a batch, pinned to the version that was planned. */
export interface Source {
  /** A name for the object store; '' for a range. */
  readonly name: string;
  /** As the user gave it; goes into `failed.jsonl`. */
  readonly label: string;
  /** In the reader's unit: bytes, for a range integers, for a list of files their number. */
  readonly size: number;
  readonly version: string;
}

/** Where a chunk is: `start` up to `end` (exclusive) of source number `source`, in the reader's unit. */
export interface Range {
  readonly source: number;
  readonly start: number;
  readonly end: number;
}

/**
 * How large the next chunk may be: at least one item, then up to whichever bound is met first. `items: null`
 * = no bound.
 */
export interface ChunkSize {
  readonly bytes: number;
  readonly items: number | null;
}

/**
 * Cuts the sources of a batch, in order, into ranges that begin and end where records do (or need not, where
 * a reader owns what starts in its range).
 */
export interface Cutter {
  /**
   * The next range, `null` at the end of the last source. Ranges are contiguous within a source and never
   * span two. A source without items may yield no range.
   */
  next(size: ChunkSize): Promise<Range | null>;
  close(): Promise<void>;
}

/** Why one record is not an item; `INPUT_INVALID`: why nothing can be read from there on. */
export interface Unreadable {
  readonly code: Extract<ErrorCode, "ITEM_UNREADABLE" | "ITEM_NOT_JSON" | "INPUT_INVALID">;
  readonly message: string;
}

/** Where a record is. */
export interface Place {
  /** The input that it is in, as the user named it, where that is not the source (the files of a list). */
  readonly source?: string;
  /** Bytes from the start of the source; `null` where there is none (a range). */
  readonly offset: number | null;
  /** Lines from the start of the *chunk's range*, from 0; `null` where a reader cannot know. */
  readonly line: number | null;
  /** The record as it stands in the source. */
  readonly raw: string;
  /**
   * Tells the record from every other of its source, in every attempt: its offset in the text that is read
   * (unpacked or spooled), or its number.
   */
  readonly key: number;
}

/**
 * Some consecutive items of a chunk. Values are cheap, places are worked out when asked for (only failed
 * items need one).
 */
export interface Records {
  /** At an index that `unreadable` names the value is `undefined`. */
  readonly values: readonly unknown[];
  readonly unreadable: ReadonlyMap<number, Unreadable> | null;
  /**
   * How many lines of the source these records cover (blank lines and a header between them included), `null`
   * where unknown.
   */
  readonly lines: number | null;
  locate(index: number): Place;
  /**
   * The value at `index` made once more, for a further try: code may have changed the first one in place.
   * Absent where values are numbers.
   */
  again?(index: number): unknown;
}

export interface CutRequest {
  readonly sources: readonly Source[];
  readonly options: { readonly [name: string]: Json };
  readonly store: ObjectStore;
  /** Continue after this range; `null` from the beginning. */
  readonly after: Range | null;
}

export interface ReadRequest {
  readonly source: Source;
  readonly range: Range;
  readonly options: { readonly [name: string]: Json };
  readonly store: ObjectStore;
  /** Aborted when the items are not wanted any more, for those that read on demand. */
  readonly signal?: AbortSignal;
  /** The range begins and ends where records do, whatever the kind: nothing beside it has to be looked at. */
  readonly exact?: boolean;
}

/** What has to be known of a format of bytes to cut it. */
export interface ByteFormat {
  /** A search for record ends; without a bound on items it is used only where `anywhere` is false. */
  borders(): Borders;
  /** The offset of the first record of a source. */
  firstRecord(source: Source, store: ObjectStore): Promise<number>;
  /** A chunk owns the records that start in its range: ranges may be cut at any byte. */
  readonly anywhere: boolean;
  /** Blank lines are items. */
  readonly blankIsItem: boolean;
}

/**
 * A kind whose sources are text: they may be packed, or in another encoding than UTF-8, and are then read
 * from a spool.
 */
export interface TextKind {
  format(options: { readonly [name: string]: Json }): ByteFormat;
  /**
   * Makes text with records of the format out of the source's own; its sources are always read from a spool.
   * Throws `INPUT_INVALID`.
   */
  convert?(text: AsyncIterable<Buffer>, options: { readonly [name: string]: Json }): AsyncIterable<Buffer>;
}

/** One kind of reader: a stateless pair of functions; `Reader` says which kind with which options. */
export interface ReaderKind {
  /** What chunk sizes are measured in. */
  readonly unit: "bytes" | "items";
  /**
   * The position of an item in its source is known from its range alone (a range: item index = `start` +
   * index in chunk).
   */
  readonly indexed: boolean;
  readonly text?: TextKind;
  cut(request: CutRequest): Cutter;
  /**
   * How many items, and lines, of the source come before this range, where a reader knows that without
   * reading its neighbours: for the first range of a source (no items; the lines of a header), and for every
   * range of an indexed reader. Else `null`.
   */
  origin(request: ReadRequest): Promise<{ readonly items: number; readonly lines: number | null } | null>;
  read(request: ReadRequest): AsyncIterable<Records>;
  /**
   * All of a range at once, where that takes no I/O and little memory; `null` where it has to be read. Spares
   * tiny chunks the cost of a stream.
   */
  readNow?(request: ReadRequest): Records | null;
}
