import type { Job } from "../job/job.ts";

/**
 * The job of a dry run: its items are read and validated, and nothing else of the job runs. However many
 * items fail, all are looked at.
 */
export function dryJob(job: Job): Job {
  const tolerate = { count: null, percent: null, sample: null };
  const enough = { items: null, percent: null, afterMs: null, minute: null };
  const options = { ...job.options, tolerate, enough };
  return { ...job, setup: null, teardown: null, process: () => undefined, join: null, options };
}
