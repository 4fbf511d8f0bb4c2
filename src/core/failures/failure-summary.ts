/**
 * The failed items of a batch in groups, as they are kept in its record and shown. Type aliases, because a
 * record takes what is assignable to `Json`, which interfaces are not.
 */
import type { FailedLine } from "./failed-line.ts";
import { count, flag, list, maybe, number, object, text } from "../json/shape.ts";
import type { Check } from "../json/shape.ts";

/** Where a failed item is. For a chunk that was given up as a whole, `range` is where its items are. */
export type FailurePlace = Pick<
  FailedLine,
  "source" | "index" | "line" | "lines" | "offset" | "attempts" | "range"
>;

/** Failed items of one code, one error class and one kind of message. */
export type FailureGroup = {
  /** Names the group in requests. Absent where an older fanjoin ended the batch. */
  readonly id?: string;
  readonly code: FailedLine["code"];
  /** The class of the errors. `null`: items of this code have too many classes to keep them apart. */
  readonly class: string | null;
  /**
   * The message that the errors share, cut to 500 characters. "…" stands in place of what differs. `null`:
   * there are too many kinds of messages to keep them apart.
   */
  readonly message: string | null;
  /** Items. With `CHUNK_FAILED`: chunks. */
  readonly count: number;
  /** What would help, in words for people. */
  readonly advice: string;
  /** The most lines that one of these items has. Absent: none is known to have more than one. */
  readonly lines?: number;
  /** One of these items takes in the rest of its file, which was not read as items. */
  readonly toEnd?: true;
  /** The place in the job's code that the first error comes from: `priceOf (sales.ts:12:5)`. */
  readonly at?: string;
  /** The first places in input order, at most 20; fewer where all of them together would be long. */
  readonly first: readonly FailurePlace[];
};

export type FailureSummary = {
  /** The largest first, at most 50. One that took in the rest of a file is among the first six. */
  readonly groups: readonly FailureGroup[];
  /** How many items are in further groups. */
  readonly others: number;
};

/** A group of a batch that runs: its positions count from what is known by then. */
export type LiveGroup = FailureGroup & {
  /** When the newest of its items failed. */
  readonly latestAt?: string;
  /** The first items in input order, at most 3, with their text and stack cut. */
  readonly items: readonly FailedLine[];
};

/** The groups of a batch with their first items. */
export interface LiveFailures {
  readonly groups: readonly LiveGroup[];
  readonly others: number;
  /** How many failed items were grouped. Fewer than have failed where only the first ones were read. */
  readonly of: number;
}

const place = object({
  source: text,
  index: maybe(number),
  line: maybe(number),
  lines: maybe(count),
  offset: maybe(number),
  attempts: number,
  range: maybe(object({ start: number, end: number })),
});

/** Checks a summary that comes from a record or an endpoint. */
export const failureSummary: Check = object({
  groups: list(
    object({
      id: maybe(text),
      code: text,
      class: maybe(text),
      message: maybe(text),
      count,
      advice: text,
      lines: maybe(count),
      toEnd: maybe(flag),
      at: maybe(text),
      first: list(place),
    }),
  ),
  others: count,
});
