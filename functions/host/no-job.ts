/** The placeholder for `#job` in a function that is bundled without a job: processing any item fails. */
import { FanjoinError } from "../../src/core/errors/errors.ts";
import type { Job } from "../../src/job/job.ts";
import { defineJob } from "../../src/job/job.ts";

const noJob: Job = defineJob({
  name: "no-job",
  input: { kind: "range", options: { from: 0, to: 0 }, own: { from: 0, to: 0 } },
  process() {
    throw new FanjoinError(
      "JOB_INVALID",
      "this function was bundled without a job: make esbuild replace #job with the job's file, as `Fanjoin.addJob` does",
    );
  },
});

export default noJob;
