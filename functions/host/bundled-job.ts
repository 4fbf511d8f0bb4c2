/** The job that a function was bundled with. */
import { FanjoinError } from "../../src/core/errors/errors.ts";
import { jobFrom } from "../../src/job/job.ts";
import type { Job } from "../../src/job/job.ts";

/**
 * The job in `module`. `deployedAs` is its name in the stack, from which the names of its queues and
 * functions are made. Throws `JOB_INVALID` if the job has another name.
 */
export function bundledJob(module: unknown, deployedAs: string | null): Job {
  const job = jobFrom(module);
  if (deployedAs === null || deployedAs === job.name) return job;
  throw new FanjoinError(
    "JOB_INVALID",
    `the job ${job.name} was deployed as ${deployedAs}: call addJob with the name in the job's file`,
  );
}
