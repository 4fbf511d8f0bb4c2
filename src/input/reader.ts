/** The types of readers: how a source is cut into chunks, and how the items of a chunk are read. */
import type { Json } from "../core/json/json.ts";
import type { ErrorCode } from "../core/errors/errors.ts";
import type { ObjectStore } from "../ports.ts";
import type { Borders } from "./text/record-ends.ts";

/**
 * The reader in a user's job, e.g. `csv({ delimiter: ';' })`: plain data that is stored in the batch record.
 * `Item` exists only for the compiler.
 */
export interface Reader<Item = unknown> {
  readonly kind: ReaderName;
  readonly options: { readonly [name: string]: Json };
  /**
   * Sources that are part of the reader (a range, inline items); other readers get theirs from the command
   * line.
   */
  readonly own?: OwnSource;
  /**
   * Generates the items, for `from()`. The function is never stored: only threads that load the job have it.
   */
  readonly generate?: Generate;
  /** Never present; carries the item's type. */
  readonly item?: Item;
}

export type ReaderName =
  | "csv"
  | "files"
  | "jsonl"
  | "json"
  | "lines"
  | "parquet"
  | "range"
  | "items"
  | "from";

/**
 * A range: integers from `from` up to `to` (exclusive). `items`: stored as JSON lines when the batch is
 * submitted. `generated`: the items of `generate`.
 */
export type OwnSource =
  | { readonly from: number; readonly to: number }
  | { readonly items: readonly unknown[] }
  | { readonly generated: true };

/** The argument of the function of `from(…)`. */
export interface GenerateContext<Params = unknown> {
  /** The batch's parameters, checked by the job's `params` schema. */
  readonly params: Params;
  /** Aborted when the batch ends or the process stops. */
  readonly signal: AbortSignal;
}

// A method, so that functions with a narrower parameter type are assignable.
export type Generate = {
  bivariant(context: GenerateContext): AsyncIterable<unknown> | Iterable<unknown>;
}["bivariant"];

/** One input of a batch, pinned to the version that was planned. */
export interface Source {
  /** The name in the object store; '' for a range. */
  readonly name: string;
  /** The input as the user named it; written to `failed.jsonl`. */
  readonly label: string;
  /** In the reader's unit: bytes, integers of a range, or files of a list. */
  readonly size: number;
  /** It may have a seal, see `source-version.ts`. */
  readonly version: string;
  /** Only in a list of files: why the path was found and cannot be read. It is one failed item. */
  readonly problem?: string;
}

/** The range of a chunk: `start` up to `end` (exclusive) of source number `source`, in the reader's unit. */
export interface Range {
  readonly source: number;
  readonly start: number;
  readonly end: number;
}

/** Bytes of an object, `start` up to `end` (exclusive). */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The size of the next chunk: at least one item, then up to whichever bound is reached first. `items: null`:
 * no bound.
 */
export interface ChunkSize {
  readonly bytes: number;
  readonly items: number | null;
}

/**
 * Cuts the sources of a batch, in order, into ranges. Ranges begin and end at record borders, or anywhere if
 * a reader owns the records that start in its range.
 */
export interface Cutter {
  /**
   * The next range, `null` at the end of the last source. Ranges are contiguous within a source and never
   * span two. A source without items may yield no range. A promise only if there is something to wait for.
   */
  next(size: ChunkSize): Range | null | Promise<Range | null>;
  /**
   * How many items the newest range has, if its size bounded them. Absent for an indexed reader, whose ranges
   * are ranges of items.
   */
  lastItems?(): number;
  close(): Promise<void>;
}

/** The reason why a record is not an item; `INPUT_INVALID`: why nothing can be read from there on. */
export interface Unreadable {
  readonly code: Extract<ErrorCode, "ITEM_UNREADABLE" | "ITEM_NOT_JSON" | "INPUT_INVALID">;
  readonly message: string;
  /** The record takes in what follows up to the end of its source: that is not read as records. */
  readonly toEnd?: true;
}

/** The position of a record. */
export interface RecordPosition {
  /** The input with the record, as the user named it, if that is not the source (the files of a list). */
  readonly source?: string;
  /** Bytes from the start of the source; `null` if records have no offset (a range). */
  readonly offset: number | null;
  /** Lines from the start of the *chunk's range*, from 0; `null` if the reader cannot know. */
  readonly line: number | null;
  /** How many lines the record has. Absent: one, or the reader cannot know. */
  readonly lines?: number;
  /** Of a file of row groups: the number of the record's group, and its number in the group, from 0. */
  readonly rowGroup?: number;
  readonly row?: number;
  /** The text of the record in the source. */
  readonly raw: string;
  /**
   * Tells the record from every other of its source, in every attempt: its offset in the text that is read
   * (unpacked or spooled), or its number.
   */
  readonly key: number;
  /** In a run of sources. Then `line` counts from the beginning of the source. */
  readonly within?: PositionInRun;
}

/** The position of a record among several sources of one chunk. */
export interface PositionInRun {
  /** The number of its source in the batch. */
  readonly source: number;
  /** The number of the item in its source, from 0. */
  readonly index: number;
  /** Where the run can be cut before it; `null`: nowhere. */
  readonly place: number | null;
}

/**
 * Some consecutive items of a chunk. Values are cheap; positions are computed on demand, because only failed
 * items need one.
 */
export interface Records {
  /** The value is `undefined` at each index in `unreadable`. */
  readonly values: readonly unknown[];
  readonly unreadable: ReadonlyMap<number, Unreadable> | null;
  /**
   * The number of lines that these records cover, with blank lines and a header between them; `null` if
   * unknown.
   */
  readonly lines: number | null;
  locate(index: number): RecordPosition;
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
  /** Aborted when the items are no longer wanted: for readers that read on demand. */
  readonly signal?: AbortSignal;
  /** The range begins and ends at record borders, for any kind: the bytes beside it need not be read. */
  readonly exact?: boolean;
}

/** How a byte format is cut. */
export interface ByteFormat {
  /** A search for record ends. If `anywhere` is true, it is used only for a bound on items. */
  borders(): Borders;
  /** The offset of the first record of a source. */
  firstRecord(source: Source, store: ObjectStore): Promise<number>;
  /** Ranges may be cut at any byte: a chunk owns the records that start in its range. */
  readonly anywhere: boolean;
  /** Blank lines are items. */
  readonly blankIsItem: boolean;
}

/**
 * A kind with text sources. Packed sources and other encodings than UTF-8 are read from a spool.
 */
export interface TextKind {
  format(options: { readonly [name: string]: Json }): ByteFormat;
  /**
   * Converts the text of a source to records of the format. Such sources are always read from a spool. Throws
   * `INPUT_INVALID`.
   */
  convert?(
    text: AsyncIterable<Uint8Array>,
    options: { readonly [name: string]: Json },
  ): AsyncIterable<Uint8Array>;
}

/** How many items and lines of a source come before a range. `null`: unknown. */
export interface Origin {
  readonly items: number | null;
  readonly lines: number | null;
}

/** One kind of reader: stateless functions. A `Reader` names the kind and the options. */
export interface ReaderKind {
  /** The unit of chunk sizes. */
  readonly unit: "bytes" | "items";
  /**
   * The index of an item in its source is known from the chunk's range alone: `start` + index in the chunk.
   */
  readonly indexed: boolean;
  readonly text?: TextKind;
  /** False if ranges are not those of the source's size: how long they are is known only after a read. */
  readonly measured?: false;
  /** Then: how long the ranges of a source are together. Throws `INPUT_INVALID`. */
  measure?(request: Omit<ReadRequest, "range">): Promise<number>;
  cut(request: CutRequest): Cutter;
  /**
   * The number of items and lines of the source before this range, if the reader knows it without reading
   * other ranges: for the first range of a source (no items; the lines of a header), and for every range of
   * an indexed reader. Else `null`.
   */
  origin(request: ReadRequest): Origin | null | Promise<Origin | null>;
  read(request: ReadRequest): AsyncIterable<Records>;
  /**
   * The first record at or behind each of these positions of the range, without reading the records. Absent:
   * they have to be read, or every position is one.
   */
  recordStarts?(request: ReadRequest, wanted: readonly number[]): Promise<number[]>;
  /** Of a kind without text: which bytes of the source a read of the range needs, in order. */
  neededBytes?(request: ReadRequest): Promise<ByteRange[]>;
  /**
   * The whole range at once, if that takes no I/O and little memory; else `null`. Tiny chunks are spared the
   * cost of a stream.
   */
  readNow?(request: ReadRequest): Records | null;
}
