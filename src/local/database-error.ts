/** What a failure of the state database looks like to users. */
import { FanjoinError, reasonOf } from "../core/errors.ts";

/** Runs `action`; whatever fails in it becomes `DIRECTORY_UNUSABLE`. */
export function guarded<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw unusable(file, error);
  }
}

/** The error of a state database that failed, in a sentence. */
export function unusable(file: string, cause: unknown): FanjoinError {
  if (cause instanceof FanjoinError) return cause;
  const reason = reasonOf(cause);
  return new FanjoinError("DIRECTORY_UNUSABLE", `The state database ${file} cannot be used: ${reason}.`, {
    cause,
  });
}
