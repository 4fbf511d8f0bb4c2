/** `--code`: some error codes. */
import type { Command } from "commander";
import { isErrorCode, usage } from "../../../core/errors/errors.ts";
import { documentPath } from "../../documents/document-path.ts";

export interface CodeOption {
  readonly code?: readonly string[];
}

export function withCode(command: Command): Command {
  return command.option(
    "--code <code>",
    "only items that failed with this error code (repeatable)",
    appended,
  );
}

/** Collects the values of an option that may be repeated. */
export function appended(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

/** Throws `USAGE` for a code that is not in the table. */
export function checkedCodes({ code }: CodeOption): readonly string[] | null {
  const unknown = code?.find((name) => !isErrorCode(name));
  if (unknown !== undefined)
    throw usage(`--code ${unknown} is not an error code: ${documentPath("errors.md")} lists them`);
  return code ?? null;
}
