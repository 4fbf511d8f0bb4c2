/** Checks what `--output` names, before anything runs: it must be writable, and not be needed. */
import { usage } from "../../core/errors/errors.ts";
import { constants, statSync } from "node:fs";
import { access } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { FoundInput } from "../../door/fanjoin.ts";
import type { OutcomeOptions } from "../common-options.ts";
import { isWithin } from "../../find-inputs/real-path.ts";

export const STANDARD_OUTPUT = "-";

/** Throws `USAGE`. `dir`: the state directory, which `output` must not be in. */
export async function checkOutput({
  output,
  json,
  dir,
}: OutcomeOptions & { readonly dir?: string }): Promise<void> {
  if (output === undefined) return;
  if (output === "") throw usage("--output needs the name of a file, or - for standard output");
  if (output === STANDARD_OUTPUT) {
    if (json) throw usage("--json and --output - both need standard output: leave out one of them");
    return;
  }
  const stats = statSync(output, { throwIfNoEntry: false });
  try {
    await access(stats ? output : dirname(output), constants.W_OK);
  } catch {
    if (stats) throw usage(`--output ${output} cannot be written to`);
    throw usage(`--output ${output}: the directory ${dirname(output)} is missing or cannot be written to`);
  }
  if (dir !== undefined && isWithin(output, dir))
    throw usage(`--output ${output} is in the state directory ${dir}: give another place`);
}

/**
 * Throws `USAGE` if `output` is one of the inputs or the job's file, by another name or through a link too.
 */
export function checkOutputIsNotInput(
  output: string | undefined,
  inputs: readonly FoundInput[],
  jobFile: string | null = null,
): void {
  if (output === undefined || output === STANDARD_OUTPUT) return;
  const id = fileId(output);
  if (id === null) return;
  if (jobFile !== null && fileId(jobFile) === id)
    throw usage(`--output ${output} is the job's file, which it would replace: give another name`);
  const input = inputs.find(({ url }) => url.startsWith("file:") && fileId(fileURLToPath(url)) === id);
  if (input)
    throw usage(`--output ${output} is the input ${input.label}, which it would replace: give another name`);
}

/** The same for all names of one file; `null` if there is none. */
function fileId(path: string): string | null {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats ? `${stats.dev}:${stats.ino}` : null;
}
