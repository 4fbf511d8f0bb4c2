/**
 * The format of `failed.jsonl`, the list of a batch's failed items: one JSON object on each line.
 *
 * Workers and the dead-letter function write lines whose `index` and `line` count from the beginning of the
 * chunk. The joins above know how much came before the chunk, and rewrite both.
 */
import { describedError } from "../errors/described-error.ts";
import type { DescribedError } from "../errors/described-error.ts";
import { FanjoinError } from "../errors/errors.ts";
import type { ErrorCode } from "../errors/errors.ts";
import { count, flag, jsonOrNull, maybe, number, object, text } from "../json/shape.ts";

/** One failed item, or with `CHUNK_FAILED` one chunk that was given up as a whole. */
export interface FailedLine {
  /** The source as the user named it. */
  readonly source: string;
  /** The item's number in its source, from 0. `null` for a chunk, and where it is unknown. */
  readonly index: number | null;
  /** The number of the item in its chunk, if `index` is not. Nobody but a redrive reads it. */
  readonly at?: number | null;
  /**
   * The line in its source, from 1. `null` for a chunk, where it is unknown, and where there are no lines.
   */
  readonly line: number | null;
  /** How many lines the item has. Absent: one, or it is unknown. */
  readonly lines?: number;
  /** The item takes in what follows up to the end of its source, which is not read as items. */
  readonly toEnd?: true;
  /** In bytes from the start of the source. `null` where there is none. */
  readonly offset: number | null;
  /** Of a Parquet file: the number of the item's row group, and of its row in the group, from 0. */
  readonly rowGroup?: number;
  readonly row?: number;
  readonly chunk: number;
  /** How often the item was tried, redrives included. For a chunk: how many attempts at it failed. */
  readonly attempts: number;
  /** The retry policy of the job ruled out another try after the last one. */
  readonly noRetry?: true;
  readonly code: ErrorCode;
  readonly error: DescribedError;
  /** The item's raw text, cut to 8 KiB. `null` for a chunk. */
  readonly item: string | null;
  /** For a chunk only: the range of its items, in the reader's unit. */
  readonly range?: { readonly start: number; readonly end: number };
}

/** The text of a line, without its line end. The keys keep the order that they have in `line`. */
export function failedLineText(line: FailedLine): string {
  return JSON.stringify(line);
}

/** Reads what `failedLineText` wrote. Throws `DIRECTORY_UNUSABLE` for another line. */
export function parseFailedLine(line: string): FailedLine {
  const value = jsonOrNull(line);
  if (failedLine(value) === null) return value as FailedLine;
  const shown = line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…` : line;
  throw new FanjoinError(
    "DIRECTORY_UNUSABLE",
    `the list of failed items is damaged, or fanjoin did not write it. It has the line ${shown}`,
  );
}

/** All that is the same however the input is cut: not the chunk, and not the frames of the stack. */
export function lastingFailure({ chunk: _chunk, error: { name, message }, ...line }: FailedLine): object {
  return { ...line, error: { name, message } };
}

const MAX_SHOWN = 120;

const failedLine = object({
  source: text,
  index: maybe(number),
  at: maybe(number),
  line: maybe(number),
  lines: maybe(count),
  toEnd: maybe(flag),
  offset: maybe(number),
  rowGroup: maybe(count),
  row: maybe(count),
  chunk: number,
  attempts: number,
  noRetry: maybe(flag),
  code: text,
  error: describedError,
  item: maybe(text),
  range: maybe(object({ start: number, end: number })),
});
