/**
 * What a chunk or a subtree contributes to the result, besides its counts: kept under the attempt's tag, read
 * by the join above.
 */
import type { Failure } from "./batch.ts";
import { create } from "./record.ts";
import type { Fields, Update } from "./record.ts";
import type { Json } from "../json.ts";
import type { Span } from "../span.ts";

/** A run of bytes in the object store. Offsets and lengths are in bytes. */
export interface Segment {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
}

/** A piece of ordered output: bytes in the store, or short text carried in the ledger. */
export type Piece = Segment | { readonly text: string };

/** Failed items as JSON lines whose positions count from `base`. */
export interface FailedPiece {
  readonly piece: Piece;
  readonly base: Span;
}

export interface Contribution {
  /**
   * The accumulator of the join, encoded; absent where there is no join, where merging failed, or where there
   * are segments.
   */
  readonly value?: Json;
  /**
   * Of a chunk with failed items: the accumulators before, between and after them, each alone in a list that
   * is empty where there is nothing, so that a redrive can put their values in their places. Left out where
   * they would take too much room.
   */
  readonly segments?: readonly (readonly Json[])[];
  /** Beside segments, for a job that collects: how many bytes of outputs lie before each failed item. */
  readonly cuts?: readonly number[];
  readonly outputs?: readonly Piece[];
  readonly failed?: readonly FailedPiece[];
  readonly span: Span;
  /** Why the subtree has no value. */
  readonly error?: Failure;
  /** A chunk that was given up as a whole. */
  readonly broken?: true;
}

/** The contributions of one attempt by child number (chunk, or index of the node below). */
export type Contributions = { readonly [child: string]: Contribution };

/**
 * Bodies up to this many characters lie in the ledger; a PUT to S3 costs what eight 1 KB write units of
 * DynamoDB do.
 */
export const INLINE_BODY = 8192;
/** Outputs and failed items of a chunk up to this many characters travel in its body. */
export const INLINE_TEXT = 1024;

export function partialKey(batch: string, tag: string): string {
  return `partial/${batch}/${tag}`;
}

/** Keeps a body, as text or where it was written, under a tag that nobody has. */
export function keepPartial(batch: string, tag: string, body: Piece): Update {
  return create(partialKey(batch, tag), { ...body });
}

/** Where the body of a partial is. */
export function parsePartial(key: string, fields: Fields | null): Piece {
  const { text, name, offset, length } = fields ?? {};
  if (typeof text === "string") return { text };
  if (typeof name === "string" && typeof offset === "number" && typeof length === "number") {
    return { name, offset, length };
  }
  throw new Error(`the partial ${key} that the ledger names is missing; it is looked for again`);
}
