/** Whether and when an item that threw is tried again. */

/** A class of errors, for `instanceof`. */
export type ErrorClass = abstract new (...args: never[]) => unknown;

export interface RetryPolicy {
  /** Tries after the first; 0 = none. */
  readonly limit: number;
  /** The longest wait before the second try. It doubles with each further try. */
  readonly baseMs: number;
  /** The limit of all waits. */
  readonly maxMs: number;
  /** Replaces the waits above: milliseconds after the try `attempt`, counted from 1. */
  readonly delayMs: ((error: unknown, attempt: number) => number) | null;
  /** Replaces the built-in rule. Classes in `except` are never tried again. */
  readonly on: ((error: unknown) => boolean) | null;
  /** Errors of these classes are never tried again. */
  readonly except: readonly ErrorClass[];
}

/** Two more tries within about a second: enough for a dropped connection, and cheap if they do not help. */
export const DEFAULT_RETRIES: RetryPolicy = {
  limit: 2,
  baseMs: 100,
  maxMs: 10_000,
  delayMs: null,
  on: null,
  except: [],
};

/** A mistake in the code gives the same error every time. */
const PROGRAMMING_ERRORS: readonly ErrorClass[] = [TypeError, RangeError, SyntaxError, ReferenceError];

/**
 * How long to wait before the next try, in milliseconds. `attempt` is the number of the failed try, from 1;
 * `random` is in [0, 1).
 *
 * Exponential backoff with full jitter: a wait is anything from 0 up to the bound, so that items that failed
 * together are not tried again together.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(
  policy: Pick<RetryPolicy, "baseMs" | "maxMs">,
  attempt: number,
  random: number,
): number {
  return Math.floor(random * Math.min(policy.maxMs, policy.baseMs * 2 ** (attempt - 1)));
}

/** Whether the same item may succeed on another try. Does not count tries. Throws the errors of `on`. */
export function isRetryable(policy: Pick<RetryPolicy, "on" | "except">, error: unknown): boolean {
  if (policy.except.some((kind) => error instanceof kind)) return false;
  if (policy.on !== null) return policy.on(error);
  return mayBeTransient(error);
}

function mayBeTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  // Some errors say it themselves, such as FanjoinError.
  if ("retryable" in error && typeof error.retryable === "boolean") return error.retryable;
  // A network failure of `fetch` is a TypeError too, but it has a cause.
  if (error.cause !== undefined) return true;
  return !PROGRAMMING_ERRORS.some((kind) => error instanceof kind);
}
