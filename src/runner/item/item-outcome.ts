/** What becomes of one item: a value, or one failure. */
import { FanjoinError } from "../../core/errors/errors.ts";
import type { ErrorCode } from "../../core/errors/errors.ts";
import { describeError } from "../describe-error.ts";
import type { DescribedError } from "../describe-error.ts";

export type Outcome = FinalOutcome | LaterOutcome;
export type FinalOutcome = { readonly ok: true; readonly value: unknown } | FailedOutcome;

/** It would have to wait longer than its function may: another one runs it, later. */
export interface LaterOutcome {
  readonly ok: null;
  /** When it should run, in milliseconds since the epoch. */
  readonly at: number;
  /** How long it has waited then because it was asked to, in milliseconds. */
  readonly waitedMs: number;
}

/** Whether an item has come to a value or a failure. */
export function isFinal(outcome: Outcome | null | undefined): outcome is FinalOutcome {
  return outcome !== null && outcome !== undefined && outcome.ok !== null;
}

export interface FailedOutcome {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly error: DescribedError;
  readonly attempts: number;
  /** The job's retry policy ruled out another try. */
  readonly noRetry?: true;
}

/** The outcome of an item that ended with `thrown` on its last attempt. */
export function failedOutcome(thrown: unknown, attempts: number): FailedOutcome {
  const code = isItemTimeout(thrown) ? "ITEM_TIMEOUT" : "ITEM_FAILED";
  return { ok: false, code, error: describeError(thrown), attempts };
}

/** `what` is the subject of the message: the part of the item's code that took too long. */
export function itemTimeout(what: string, ms: number): FanjoinError {
  return new FanjoinError("ITEM_TIMEOUT", `${what} did not finish within ${ms} ms`);
}

/** `thrown` may be a proxy whose traps throw. */
export function isItemTimeout(thrown: unknown): boolean {
  try {
    return thrown instanceof FanjoinError && thrown.code === "ITEM_TIMEOUT";
  } catch {
    return false;
  }
}

export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
