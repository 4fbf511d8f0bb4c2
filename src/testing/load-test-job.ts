/** Loads the job of a test. */
import { FanjoinError, reasonOf } from "../core/errors/errors.ts";
import { jobFrom } from "../job/job.ts";
import type { Job } from "../job/job.ts";

/** The job that the module at `url` exports by default. Throws `JOB_INVALID`. */
export async function loadTestJob(url: string): Promise<Job> {
  try {
    return jobFrom((await import(url)) as unknown);
  } catch (thrown) {
    throw new FanjoinError("JOB_INVALID", `the job ${url} cannot be loaded: ${reasonOf(thrown)}`, {
      cause: thrown,
    });
  }
}
