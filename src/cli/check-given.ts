/** Whether a job gets what it reads. */
import type { Source } from "../input/reader.ts";
import type { DescribedJob } from "../steps/described-job.ts";
import { usage } from "./error-text.ts";

/** Throws `USAGE` if the job wants files and none are `given`, or the other way round. */
export function checkGiven({ name, input }: DescribedJob, given: readonly Source[]): void {
  const { kind, own } = input;
  if (own && given.length > 0) {
    throw usage(
      `the job ${name} brings its own input (${kind}): leave out ${given[0]?.label ?? "the input"}`,
    );
  }
  if (own || given.length > 0) return;
  throw usage(
    `the job ${name} reads ${kind}: name a file, a directory or a glob after the job, or - for standard input`,
  );
}
