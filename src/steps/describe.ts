/** Asking a job's code what it is: a question that its worker function answers at once, instead of running chunks. */
import { FanjoinError } from "../core/errors.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { Json } from "../core/record.ts";
import type { Job } from "../job.ts";
import { describeJob } from "./described-job.ts";
import type { DescribedJob } from "./described-job.ts";
import { parseParams } from "./params.ts";

export interface DescribeRequest {
  /** `params` are checked by the job's schema if they are there. */
  readonly describe: { readonly params?: Json };
}

export type DescribeReply =
  | { readonly job: DescribedJob }
  | { readonly error: { readonly code: ErrorCode; readonly message: string } };

export function describeRequest(params?: Json): DescribeRequest {
  return { describe: params === undefined ? {} : { params } };
}

/** Of the worker, which is invoked with other events too. */
export function isDescribeRequest(event: unknown): event is DescribeRequest {
  return typeof event === "object" && event !== null && "describe" in event;
}

/** The worker's end. */
export async function answerDescription(job: Job, { describe }: DescribeRequest): Promise<DescribeReply> {
  try {
    if (describe.params !== undefined) await parseParams(job, describe.params);
    return { job: describeJob(job, { schemas: true }) };
  } catch (error) {
    if (!(error instanceof FanjoinError)) throw error;
    return { error: { code: error.code, message: error.message } };
  }
}

/** What the worker answered. Throws `JOB_INVALID` if its schema refused the params. */
export function describedIn(reply: unknown): DescribedJob {
  // `answerDescription` wrote it.
  const answered = reply as DescribeReply;
  if ("job" in answered) return answered.job;
  throw new FanjoinError(answered.error.code, answered.error.message);
}
