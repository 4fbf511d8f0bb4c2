/** Whether and when an item that threw is tried again. */

/** A class of errors, for `instanceof`. */
export type ErrorClass = abstract new (...args: never[]) => unknown;

export interface RetryPolicy {
  /** Tries after the first; 0 = none. */
  readonly limit: number;
  /** The longest wait before the second try; it doubles with each further one. */
  readonly baseMs: number;
  /** No wait is longer. */
  readonly maxMs: number;
  /** Decides in place of the built-in rule, except for what `except` names. */
  readonly on: ((error: unknown) => boolean) | null;
  /** Never tried again. */
  readonly except: readonly ErrorClass[];
}

/**
 * Two more tries within about a second: enough for a dropped connection, and cheap where it does not help.
 */
export const DEFAULT_RETRIES: RetryPolicy = { limit: 2, baseMs: 100, maxMs: 10_000, on: null, except: [] };

/** A mistake in the code gives the same error every time. */
const PROGRAMMING_ERRORS: readonly ErrorClass[] = [TypeError, RangeError, SyntaxError, ReferenceError];

/**
 * How long to wait before the next try, in milliseconds; `attempt` is the try that failed, from 1, `random`
 * is in [0, 1).
 *
 * Exponential with full jitter: any wait between none and the bound, so that items that failed together do
 * not come back together. https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(
  policy: Pick<RetryPolicy, "baseMs" | "maxMs">,
  attempt: number,
  random: number,
): number {
  return Math.floor(random * Math.min(policy.maxMs, policy.baseMs * 2 ** (attempt - 1)));
}

/**
 * Whether the same item may succeed on another try; how many tries there are is `limit`'s business. Throws
 * what `on` throws.
 */
export function isRetryable(policy: Pick<RetryPolicy, "on" | "except">, error: unknown): boolean {
  if (policy.except.some((kind) => error instanceof kind)) return false;
  if (policy.on !== null) return policy.on(error);
  return mayBeTransient(error);
}

function mayBeTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  // Errors that know it themselves, such as FanjoinError.
  if ("retryable" in error && typeof error.retryable === "boolean") return error.retryable;
  // `fetch` reports a network failure as a TypeError, and only then with a cause.
  if (error.cause !== undefined) return true;
  return !PROGRAMMING_ERRORS.some((kind) => error instanceof kind);
}
