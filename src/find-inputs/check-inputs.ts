/** Checks that a job gets the kind of input that it reads. */
import { usage } from "../core/errors/errors.ts";

export interface JobReader {
  readonly name: string;
  /** The kind of its reader, such as `csv`. */
  readonly kind: string;
  /** The job brings its own input. */
  readonly own: boolean;
}

const REMEDY = "give a file, a directory or a glob after the job, or - for standard input";

/**
 * `labels` are the inputs as the user named them, `remedy` is how to give one. Throws `USAGE` if the job
 * needs an input and there is none, or the other way round.
 */
export function checkInputs(
  { name, kind, own }: JobReader,
  labels: readonly string[],
  remedy = REMEDY,
): void {
  if (own && labels.length > 0) {
    throw usage(`the job ${name} brings its own input (${kind}): leave out ${labels[0]}`);
  }
  if (own || labels.length > 0) return;
  throw usage(`the job ${name} reads ${kind}: ${remedy}`);
}
