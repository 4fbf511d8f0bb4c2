/**
 * Stands for a user's job where a function is bundled without one (`#job`): whatever it is asked, it says so.
 */
import { FanjoinError } from "../../src/core/errors.ts";
import type { Job } from "../../src/job/job.ts";
import { defineJob } from "../../src/job/job.ts";

const noJob: Job = defineJob({
  name: "no-job",
  input: { kind: "range", options: { from: 0, to: 0 }, own: { from: 0, to: 0 } },
  process() {
    throw new FanjoinError(
      "JOB_INVALID",
      "this function was bundled without a job: esbuild has to be told to put the job's file in place of #job, as `Fanjoin.addJob` does",
    );
  },
});

export default noJob;
