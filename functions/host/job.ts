/** The job that a function was bundled with. */
import { FanjoinError } from "../../src/core/errors.ts";
import { jobFrom } from "../../src/job/job.ts";
import type { Job } from "../../src/job/job.ts";

/**
 * `deployedAs`: the job's name in the stack, which queues and functions are called by. Throws `JOB_INVALID`.
 */
export function bundledJob(module: unknown, deployedAs: string | null): Job {
  const job = jobFrom(module);
  if (deployedAs === null || deployedAs === job.name) return job;
  throw new FanjoinError(
    "JOB_INVALID",
    `the job ${job.name} was deployed as ${deployedAs}: give addJob the name that its file gives it`,
  );
}
