/** Failures of the state database, in the words that users see. */
import { FanjoinError, reasonOf } from "../../core/errors/errors.ts";

/** Runs `action`. Any failure in it becomes `DIRECTORY_UNUSABLE`. */
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
  const message = `The state database ${file} cannot be used: ${reasonOf(cause)}.${adviceFor(cause)}`;
  return new FanjoinError("DIRECTORY_UNUSABLE", message, { cause });
}

/** Primary result codes, https://www.sqlite.org/rescode.html */
const ADVICE: { readonly [code: number]: string } = {
  // SQLITE_IOERR, SQLITE_FULL
  10: " Is the disk full, or gone?",
  13: " Make room on its disk.",
  // SQLITE_CORRUPT, SQLITE_NOTADB
  11: " It is damaged, and was left as it is: restore a copy of it, or use another --dir and run the batch again.",
  26: " It is damaged, and was left as it is: restore a copy of it, or use another --dir and run the batch again.",
};

function adviceFor(cause: unknown): string {
  const code = cause instanceof Error && "errcode" in cause ? Number(cause.errcode) & 0xff : -1;
  return ADVICE[code] ?? "";
}
