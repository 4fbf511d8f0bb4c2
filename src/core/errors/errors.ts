/** The errors that users see: one class, and one table of codes. */

/**
 * Every error code, what it means, and whether another try can help. A test compares this table with the
 * documents.
 */
export const ERROR_CODES = {
  ITEM_UNREADABLE: { retry: false, means: "a row or line could not be parsed" },
  ITEM_INVALID: { retry: false, means: "the item does not match the job's `item` schema" },
  ITEM_FAILED: { retry: true, means: "`process` threw for this item, on every try" },
  ITEM_TIMEOUT: { retry: true, means: "`process` did not finish within `itemTimeoutMs`" },
  ITEM_CRASHED: { retry: true, means: "the item ended the thread or process that ran it" },
  ITEM_NOT_JSON: { retry: false, means: "`process` returned a value that JSON cannot hold, or would change" },
  JOIN_FAILED: { retry: false, means: "the join refused the item's value" },
  SETUP_FAILED: {
    retry: true,
    means: "`setup` of the job threw, ended its thread or took longer than a minute, on every attempt",
  },
  CHUNK_FAILED: { retry: true, means: "a chunk could not be completed and was given up as a whole" },
  MERGE_FAILED: {
    retry: false,
    means: "a function of the join threw or broke its contract: the counts are exact, but there is no result",
  },
  JOIN_TOO_LARGE: {
    retry: false,
    means: "the joined value is larger than the limit of an in-memory join: use `collect`",
  },
  TOO_MANY_FAILURES: { retry: false, means: "more items failed than the job tolerates" },
  DEADLINE_EXCEEDED: { retry: false, means: "the batch did not end before its deadline" },
  COST_EXCEEDED: { retry: false, means: "the batch has cost more than its `maxCostUsd`" },
  CANCELLED: { retry: false, means: "the batch was cancelled" },
  INPUT_NOT_FOUND: { retry: false, means: "the input does not exist" },
  INPUT_CHANGED: { retry: false, means: "the input has changed since the batch was planned" },
  INPUT_INVALID: { retry: false, means: "the input cannot be read the way the job says" },
  INPUT_FORBIDDEN: {
    retry: false,
    means: "the input is in a bucket or folder that the stack may not read",
  },
  INPUT_NOT_RESUMABLE: { retry: false, means: "planning made no headway within one invocation" },
  JOB_INVALID: { retry: false, means: "the job file or one of its options is wrong" },
  BATCH_UNKNOWN: { retry: false, means: "there is no such batch" },
  BATCH_CONFLICT: { retry: false, means: "the same id was used for another input" },
  REDRIVE_FAILED: { retry: true, means: "the redrive could not be prepared; the batch is as it was before" },
  BATCH_NOT_READY: { retry: true, means: "the batch has no result yet" },
  RESULT_UNKNOWN: {
    retry: false,
    means: "the batch has ended without a result, or its job writes no outputs",
  },
  JOB_UNKNOWN: { retry: false, means: "there is no such job here" },
  REQUEST_INVALID: { retry: false, means: "the HTTP request is not one that the API takes" },
  REQUEST_TOO_LARGE: { retry: false, means: "the body of the HTTP request is over the limit" },
  REQUEST_FORBIDDEN: {
    retry: false,
    means: "the HTTP request is not signed, has no valid token or key, or comes from another site",
  },
  TOO_MANY_REQUESTS: {
    retry: true,
    means: "more HTTP requests than the stack takes: try again in a moment",
  },
  INTERNAL: { retry: true, means: "something unexpected happened; the log of the function or server has it" },
  AWS_REFUSED: {
    retry: false,
    means: "AWS does not accept the credentials, or they lack a permission",
  },
  AWS_UNREACHABLE: { retry: true, means: "AWS, or an endpoint in its place, does not answer or is too busy" },
  STACK_UNKNOWN: { retry: false, means: "no such stack, or the stack was not deployed by fanjoin" },
  ENDPOINT_UNUSABLE: {
    retry: true,
    means: "the endpoint does not answer, or its answer is not from fanjoin",
  },
  DIRECTORY_IN_USE: { retry: true, means: "another process runs batches in this directory" },
  DIRECTORY_UNUSABLE: { retry: false, means: "the state directory cannot be read or written" },
  RESULT_DIFFERS: {
    retry: false,
    means: "one input had two answers, because it was cut, merged, repeated or ordered in another way",
  },
  USAGE: { retry: false, means: "the command line is wrong" },
} as const satisfies Record<string, { retry: boolean; means: string }>;

/** A code of the table. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** Only the table's own names: `toString` is no error code. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_CODES, text);
}

/** The message of a thrown value, which need not be an `Error`. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

const MAX_NAME_CHARACTERS = 60;

/** Names in a message, each quoted and cut; of many only the first `most`. */
export function namesText(names: readonly string[], most: number): string {
  const shown = names
    .slice(0, most)
    .map((name) =>
      JSON.stringify(name.length > MAX_NAME_CHARACTERS ? `${name.slice(0, MAX_NAME_CHARACTERS)}…` : name),
    )
    .join(", ");
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

/** An error with a code. Its message says what was wrong, what was given and what to do. */
export class FanjoinError extends Error {
  override readonly name = "FanjoinError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  /** Whether the same operation may succeed later. */
  get retryable(): boolean {
    return ERROR_CODES[this.code].retry;
  }
}

/** The error for a wrong command line, or for wrong options of `open` and `connect`. */
export function usage(message: string): FanjoinError {
  return new FanjoinError("USAGE", message);
}
