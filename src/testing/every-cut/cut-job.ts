/** A job that is run in every way, and what may come out. */
import type { BatchAnswer } from "../answer.ts";
import type { JobCopy } from "./job-copy.ts";
import type { Variant } from "./variant.ts";

/** The job of an `everyCut`. */
export interface CutJob {
  readonly name: string;
  /** A further copy of the job. Copies of a job that is an object share its state. */
  open(): Promise<JobCopy>;
  /** Each copy has a module of its own. */
  readonly isolated: boolean;
}

/** Two answers to one input. `expected`: uncut, and in order. */
export interface DifferentAnswers {
  readonly variant: Variant;
  readonly expected: BatchAnswer;
  readonly found: BatchAnswer;
}

export async function inNewCopy<T>(job: CutJob, run: (copy: JobCopy) => Promise<T>): Promise<T> {
  const copy = await job.open();
  try {
    return await run(copy);
  } finally {
    await copy.close();
  }
}
