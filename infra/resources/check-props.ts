/** Checks of what an app says to the construct, with errors that say what was given and what to do. */
import { FanjoinError } from "../../src/core/errors.ts";

export function invalid(message: string): FanjoinError {
  return new FanjoinError("JOB_INVALID", message);
}

/** A whole number from `least` to `most`; `fallback` if it was left out. */
export function wholeNumber<Fallback>(
  given: number | undefined,
  where: string,
  [least, most]: readonly [number, number],
  fallback: Fallback,
): number | Fallback {
  if (given === undefined) return fallback;
  if (Number.isSafeInteger(given) && given >= least && given <= most) return given;
  throw invalid(`${where} has to be a whole number from ${least} to ${most}, but is ${given}.`);
}
