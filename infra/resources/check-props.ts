/** Checks of the construct's properties. Errors say what was given and what is allowed. */
import type { Duration } from "aws-cdk-lib";
import { FanjoinError } from "../../src/core/errors/errors.ts";

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
  throw invalid(`${name} has to be a whole number from ${min} to ${max}, but is ${JSON.stringify(value)}.`);
}

/**
 * `value` if it is a `Duration`, be it of another copy of the CDK; `fallback` if it is undefined. Throws
 * `JOB_INVALID`: in an app without type checks a plain number may stand in its place.
 */
export function duration(value: Duration | undefined, name: string, fallback: Duration): Duration {
  const given: unknown = value;
  if (value === undefined) return fallback;
  if (typeof given === "object" && given !== null && "toSeconds" in given) return value;
  const example = typeof given === "number" && given > 0 ? given : 30;
  throw invalid(
    `${name} has to be a Duration, but is ${JSON.stringify(given)}. Write Duration.seconds(${example}) or Duration.minutes(${example}), with import { Duration } from "aws-cdk-lib".`,
  );
}
