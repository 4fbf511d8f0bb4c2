/**
 * The format of `failed.jsonl`, the list of a batch's failed items: one JSON object on each line.
 *
 * Workers and the dead-letter function write lines whose `index` and `line` count from the beginning of the
 * chunk. The joins above know how much came before the chunk, and rewrite both.
 */
import type { ErrorCode } from "./errors.ts";

/** One failed item, or with `CHUNK_FAILED` one chunk that was given up as a whole. */
export interface FailedLine {
  /** The source as the user named it. */
  readonly source: string;
  /** The item's number in its source, from 0. `null` for a chunk, and where it is unknown. */
  readonly index: number | null;
  /**
   * The line in its source, from 1. `null` for a chunk, where it is unknown, and where there are no lines.
   */
  readonly line: number | null;
  /** In bytes from the start of the source. `null` where there is none. */
  readonly offset: number | null;
  readonly chunk: number;
  /** How often the item was tried, redrives included. For a chunk: how many attempts at it failed. */
  readonly attempts: number;
  readonly code: ErrorCode;
  /** The class and the message of the error. */
  readonly error: { readonly name: string; readonly message: string };
  /** The item's raw text, cut to 8 KiB. `null` for a chunk. */
  readonly item: string | null;
  /** For a chunk only: the range of its items, in the reader's unit. */
  readonly range?: { readonly start: number; readonly end: number };
}

/** The text of a line, without its line end. The keys keep the order that they have in `line`. */
export function failedLineText(line: FailedLine): string {
  return JSON.stringify(line);
}

/** Reads what `failedLineText` wrote. Only fanjoin writes such lines, so the shape is not checked. */
export function parseFailedLine(text: string): FailedLine {
  return JSON.parse(text) as FailedLine;
}
