/** Checks the parameters of a batch with the schema of its job. */
import type { Job } from "../../job/job.ts";
import { fullText } from "../../core/errors/described-error.ts";
import { FanjoinError } from "../../core/errors/errors.ts";
import type { Json } from "../../core/json/json.ts";
import { parseParams } from "../../job/params.ts";
import { describeError } from "../../runner/describe-error.ts";

/** Throws `JOB_INVALID`, also if the schema itself throws. */
export async function checkParams(job: Job, params: Json): Promise<void> {
  try {
    await parseParams(job, params);
  } catch (thrown) {
    const error = describeError(thrown);
    if (error.name === FanjoinError.name) throw thrown;
    throw new FanjoinError(
      "JOB_INVALID",
      `the params schema of the job ${job.name} threw: ${fullText(error)}`,
    );
  }
}
