/** Checks of the construct's properties. Errors say what was given and what is allowed. */
import { FanjoinError } from "../../src/core/errors.ts";

/** A `JOB_INVALID` error. */
export function invalid(message: string): FanjoinError {
  return new FanjoinError("JOB_INVALID", message);
}

/**
 * `value` if it is a whole number from `min` to `max`; `fallback` if it is undefined. Throws `JOB_INVALID`.
 */
export function wholeNumber<Fallback>(
  value: number | undefined,
  name: string,
  [min, max]: readonly [number, number],
  fallback: Fallback,
): number | Fallback {
  if (value === undefined) return fallback;
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw invalid(`${name} has to be a whole number from ${min} to ${max}, but is ${value}.`);
}
