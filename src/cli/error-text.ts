/** Errors as text for a terminal: a sentence for a mistake of the user, a stack trace for a bug. */
import { FanjoinError } from "../core/errors/errors.ts";
import { escapeControls } from "./display/escape.ts";
import { seeText } from "./documents/help-text.ts";

/**
 * The engine began a batch and could not continue it, for a reason outside the batch, such as a full disk.
 */
export class BatchStopped extends Error {
  override readonly name = "BatchStopped";

  /** `resume` is the command that continues the batch. */
  constructor(resume: string, cause: unknown) {
    super(
      `the batch is not finished; finished chunks are kept. Fix the problem, then continue with:\n  ${resume}`,
      { cause },
    );
  }
}

/** A batch was begun and may continue, but this command cannot see it any more. */
export class LostTrack extends Error {
  override readonly name = "LostTrack";

  /** `watch` is the command that follows the batch. */
  constructor(watch: string, cause: unknown) {
    super(`the batch may still be running. Fix the problem, then follow it with:\n  ${watch}`, { cause });
  }
}

export function errorText(error: unknown): string {
  if (error instanceof BatchStopped || error instanceof LostTrack)
    return `${errorText(error.cause)}\n${escapeControls(error.message)}`;
  if (error instanceof FanjoinError) return mistakeText(error);
  const shown = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `fanjoin: unexpected error; this is probably a bug in fanjoin.\n\n${escapeControls(shown)}`;
}

/**
 * The code ends the first line. Further lines, such as a place in a job file, follow unchanged. The last one
 * says where to read more.
 */
function mistakeText({ message, code }: FanjoinError): string {
  const [first = "", ...rest] = escapeControls(message).split("\n");
  return [`fanjoin: ${first} [${code}]`, ...rest, seeText(code)].join("\n");
}
