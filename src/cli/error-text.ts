/** Errors as a person at a terminal sees them: a sentence for a mistake, a stack for a bug. */
import { FanjoinError } from "../core/errors.ts";
import { printable } from "./printable.ts";

export function errorText(error: unknown): string {
  if (error instanceof FanjoinError) return mistakeText(error);
  const shown = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `fanjoin: something unexpected happened; this is probably a bug in fanjoin.\n\n${shown}`;
}

/** The code goes to the end of the first line; further lines (a place in a job file) follow as they are. */
function mistakeText({ message, code }: FanjoinError): string {
  const [first = "", ...rest] = printable(message).split("\n");
  return [`fanjoin: ${first} [${code}]`, ...rest].join("\n");
}

/** A wrong command line. */
export function usage(message: string): FanjoinError {
  return new FanjoinError("USAGE", message);
}
