/** Whether a job gets what it reads. */
import { usage } from "../error-text.ts";

export interface Reading {
  readonly name: string;
  /** Its reader. */
  readonly kind: string;
  /** It brings its own input. */
  readonly own: boolean;
}

/**
 * `given`: how the inputs are called. Throws `USAGE` if the job wants files and none are given, or the other
 * way round.
 */
export function checkInputs({ name, kind, own }: Reading, given: readonly string[]): void {
  if (own && given.length > 0) {
    throw usage(`the job ${name} brings its own input (${kind}): leave out ${given[0]}`);
  }
  if (own || given.length > 0) return;
  throw usage(
    `the job ${name} reads ${kind}: name a file, a directory or a glob after the job, or - for standard input`,
  );
}
