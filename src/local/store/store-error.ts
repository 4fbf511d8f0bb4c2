/**
 * Failures of files, in the words that users see: an unreadable input, an unwritable directory.
 */
import { FanjoinError, reasonOf } from "../../core/errors/errors.ts";

const MISSING: readonly unknown[] = ["ENOENT", "ENOTDIR"];
/** Errors that may pass: they say nothing about the input, and are worth another attempt. */
const PASSING: readonly unknown[] = ["EAGAIN", "EBUSY", "EIO", "EMFILE", "ENFILE", "ENOMEM"];

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

export function notFound(path: string, cause?: unknown): FanjoinError {
  return new FanjoinError("INPUT_NOT_FOUND", `There is no file ${path}.`, { cause });
}

/** `isNow`: what is there in place of a file. */
export function changed(path: string, isNow: string | null = null): FanjoinError {
  const how =
    isNow === null ? "has changed since the batch was" : `is ${isNow} now, and was a file when the batch was`;
  return new FanjoinError(
    "INPUT_CHANGED",
    `${path} ${how} planned from it. Put the original back, or submit a new batch.`,
  );
}

/** Runs `action`, which reads the file at `path`. An error that may pass is thrown as it is. */
export function reading<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof FanjoinError) throw error;
    const code = codeOf(error);
    if (MISSING.includes(code)) throw notFound(path, error);
    if (PASSING.includes(code)) throw error;
    throw new FanjoinError("INPUT_INVALID", `${path} cannot be read: ${reasonOf(error)}.`, { cause: error });
  }
}

/** Runs `action`, which writes the file at `path`. */
export function writing<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw unwritable(path, error);
  }
}

export function unwritable(path: string, cause: unknown): FanjoinError {
  if (cause instanceof FanjoinError) return cause;
  return new FanjoinError("DIRECTORY_UNUSABLE", `${path} cannot be written: ${reasonOf(cause)}.`, { cause });
}
