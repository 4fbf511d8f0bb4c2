/** Errors as a person at a terminal sees them: a sentence for a mistake, a stack for a bug. */
import { FanjoinError } from "../core/errors.ts";
import { escapeControls } from "./display/escape.ts";

/** A batch was begun and could not be gone on with, through no fault of its own. */
export class BatchStopped extends Error {
  override readonly name = "BatchStopped";

  /** `resume`: the command that goes on with it. */
  constructor(resume: string, cause: unknown) {
    super(
      `the batch is not finished; what is settled is kept. When that is put right, go on with:\n  ${resume}`,
      {
        cause,
      },
    );
  }
}

/** A batch was begun and goes on; only what became of it is not known here. */
export class LostTrack extends Error {
  override readonly name = "LostTrack";

  /** `watch`: the command that follows it. */
  constructor(watch: string, cause: unknown) {
    super(`the batch may go on all the same. When that is put right, follow it with:\n  ${watch}`, { cause });
  }
}

export function errorText(error: unknown): string {
  if (error instanceof BatchStopped || error instanceof LostTrack)
    return `${errorText(error.cause)}\n${error.message}`;
  if (error instanceof FanjoinError) return mistakeText(error);
  const shown = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `fanjoin: something unexpected happened; this is probably a bug in fanjoin.\n\n${shown}`;
}

/** The code goes to the end of the first line; further lines (a place in a job file) follow as they are. */
function mistakeText({ message, code }: FanjoinError): string {
  const [first = "", ...rest] = escapeControls(message).split("\n");
  return [`fanjoin: ${first} [${code}]`, ...rest].join("\n");
}

/** A wrong command line. */
export function usage(message: string): FanjoinError {
  return new FanjoinError("USAGE", message);
}
