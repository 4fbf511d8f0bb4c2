/** What a reader is: how a source is cut into chunks, and how the items of one chunk are read. */
import type { Json } from "../core/record.ts";
import type { ObjectStore } from "../ports.ts";

/** What a user's job names, e.g. `csv({ delimiter: ';' })`: plain data that travels in the batch record. `Item` exists for types only. */
export interface Reader<Item = unknown> {
  readonly kind: ReaderName;
  readonly options: { readonly [name: string]: Json };
  /** Sources that the reader brings itself (a range, inline items); other readers are given theirs on the command line. */
  readonly own?: OwnSource;
  /** Never present; carries the item's type. */
  readonly item?: Item;
}

export type ReaderName = "csv" | "files" | "jsonl" | "lines" | "range" | "items";

/** `range`: integers from `from` up to `to` (exclusive). `items`: written as JSON lines when the batch is submitted. */
export type OwnSource =
  | { readonly from: number; readonly to: number }
  | { readonly items: readonly unknown[] };

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

/** How large the next chunk may be: at least one item, then up to whichever bound is met first. `items: null` = no bound. */
export interface ChunkSize {
  readonly bytes: number;
  readonly items: number | null;
}

/** Cuts the sources of a batch, in order, into ranges that begin and end where records do (or need not, where a reader owns what starts in its range). */
export interface Cutter {
  /** The next range, `null` at the end of the last source. Ranges are contiguous within a source and never span two. A source without items may yield no range. */
  next(size: ChunkSize): Promise<Range | null>;
  close(): Promise<void>;
}

/** Why one record is not an item. */
export interface Unreadable {
  readonly code: "ITEM_UNREADABLE";
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
}

/** Some consecutive items of a chunk. Values are cheap, places are worked out when asked for (only failed items need one). */
export interface Records {
  /** At an index that `unreadable` names the value is `undefined`. */
  readonly values: readonly unknown[];
  readonly unreadable: ReadonlyMap<number, Unreadable> | null;
  /** How many lines of the source these records cover (blank lines and a header between them included), `null` where unknown. */
  readonly lines: number | null;
  locate(index: number): Place;
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
}

/** One kind of reader: a stateless pair of functions; `Reader` says which kind with which options. */
export interface ReaderKind {
  /** What chunk sizes are measured in. */
  readonly unit: "bytes" | "items";
  /** The position of an item in its source is known from its range alone (a range: item index = `start` + index in chunk). */
  readonly indexed: boolean;
  cut(request: CutRequest): Cutter;
  /**
   * How many items, and lines, of the source come before this range, where a reader knows that without reading its
   * neighbours: for the first range of a source (no items; the lines of a header), and for every range of an indexed reader. Else `null`.
   */
  origin(request: ReadRequest): Promise<{ readonly items: number; readonly lines: number | null } | null>;
  read(request: ReadRequest): AsyncIterable<Records>;
  /** All of a range at once, where that takes no I/O and little memory; `null` where it has to be read. Spares tiny chunks the cost of a stream. */
  readNow?(request: ReadRequest): Records | null;
}
