/** What a job says about itself, asked of the one function that has its code by those that do not. */
import type { Failure } from "../core/batch.ts";
import { FanjoinError } from "../core/errors.ts";
import type { Json } from "../core/record.ts";
import type { Job } from "../job.ts";
import { describeJob } from "./described-job.ts";
import type { DescribedJob } from "./described-job.ts";
import { parseParams } from "./params.ts";

/** With `params` these are checked by the job's schema. */
export interface DescribeRequest {
  readonly params?: Json;
}

export type DescribeAnswer = { readonly job: DescribedJob } | { readonly error: Failure };

export async function answerDescribe(job: Job, { params }: DescribeRequest): Promise<DescribeAnswer> {
  try {
    if (params !== undefined) await parseParams(job, params);
    return { job: describeJob(job) };
  } catch (thrown) {
    if (!(thrown instanceof FanjoinError)) throw thrown;
    return { error: { code: thrown.code, message: thrown.message } };
  }
}

/** How those ask that hold no job's code: with `params`, these are checked. Throws `JOB_INVALID` where the job does not take them. */
export type DescribeRemote = (job: string, params?: Json) => Promise<DescribedJob>;
