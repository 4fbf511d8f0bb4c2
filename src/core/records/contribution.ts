/**
 * A contribution: what a chunk or a subtree adds to the result besides its counts. It is kept under the tag
 * of the attempt that made it, and read by the join above.
 */
import type { Failure } from "./batch/batch.ts";
import type { ChunkMessage } from "./message.ts";
import { create } from "./record.ts";
import type { Fields, Update } from "./record.ts";
import type { Json } from "../json/json.ts";
import type { Span } from "../span.ts";

/** A run of bytes in the object store. Offsets and lengths are in bytes. */
export interface Segment {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
  /** CRC-32 of these bytes, of a store that does not check them itself. */
  readonly crc?: number;
}

/** A part of an ordered output: bytes in the store, or short text in the ledger. */
export type Piece = Segment | { readonly text: string };

/** Failed items as lines (`FailedLine`) whose positions count from `base`. */
export interface FailedPiece {
  readonly piece: Piece;
  readonly base: Span;
}

/** Outputs by key, sorted by key: the text of each key in input order. */
export type KeyedPieces = readonly { readonly key: string; readonly pieces: readonly Piece[] }[];

export interface Contribution {
  /**
   * The encoded accumulator of the join. Absent if the job has no join, if merging failed, or beside
   * segments.
   */
  readonly value?: Json;
  /**
   * In place of a value with many groups: lines, each of them an encoded accumulator. Merged in order they
   * are the value.
   */
  readonly blocks?: readonly Piece[];
  /** Beside blocks: how many groups they have. A group counts as often as it comes. */
  readonly groups?: number;
  /**
   * Of a chunk with failed items: the accumulators before, between and after them. A redrive puts the values
   * of redone items between them. Each segment is a list of one accumulator, or an empty list where no item
   * succeeded. Absent if the segments would take too much room.
   */
  readonly segments?: readonly (readonly Json[])[];
  /** Beside segments, if the join collects: how many bytes of outputs come before each failed item. */
  readonly cuts?: readonly number[];
  readonly outputs?: readonly Piece[];
  /** Of nodes, if the join collects by key; chunks have lines with keys as their outputs. */
  readonly keyed?: KeyedPieces;
  /**
   * Of a chunk whose failed items were run again, beside outputs: where the new ones are, as pairs of offsets
   * in bytes (begin, end). The others were there before.
   */
  readonly added?: readonly (readonly number[])[];
  readonly failed?: readonly FailedPiece[];
  readonly span: Span;
  /** Why the subtree has no value. */
  readonly error?: Failure;
  /** The chunk, or the part of a chunk, was given up as a whole. */
  readonly broken?: true;
  /** Merged from the parts of a chunk: the generation of its split. */
  readonly split?: number;
}

/**
 * The contributions of one attempt, by the number of the child (a chunk, or the index of a node), or by
 * `partName`.
 */
export type Contributions = { readonly [child: string]: Contribution };

/** A part by where it starts: its number is not known before the ledger has accepted the cut. */
export function partName(chunk: number, start: number): string {
  return `${chunk}:${start}`;
}

export function contributionName({ kind, chunk, start }: ChunkMessage): string {
  return kind === "part" ? partName(chunk, start) : `${chunk}`;
}

/**
 * Bodies up to this many characters are kept in the ledger. A PUT to S3 costs as much as eight write units of
 * DynamoDB, of 1 KB each.
 */
export const INLINE_BODY = 8192;
/** Outputs and failed items of a chunk up to this many characters are kept in its body. */
export const INLINE_TEXT = 1024;

export function partialKey(batch: string, tag: string): string {
  return `partial/${batch}/${tag}`;
}

/** Keeps a body, or where it was written, under a new tag. Refused if the tag is taken. */
export function keepPartial(batch: string, tag: string, body: Piece): Update {
  return create(partialKey(batch, tag), { ...body });
}

/** Reads the record of a partial: its body, or where the body is. Throws if there is none. */
export function parsePartial(key: string, fields: Fields | null): Piece {
  const { text, name, offset, length, crc } = fields ?? {};
  if (typeof text === "string") return { text };
  if (typeof name === "string" && typeof offset === "number" && typeof length === "number") {
    return { name, offset, length, ...(typeof crc === "number" ? { crc } : {}) };
  }
  throw new Error(`the ledger names the partial ${key}, but it is missing: this step is tried again`);
}
