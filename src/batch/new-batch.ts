/** Makes the spec of a new batch from its job, its input and the options of the submission. */
import type { Json } from "../core/json/json.ts";
import type { BatchSpec } from "./spec.ts";
import type { DescribedJob } from "../job/describe-job.ts";

/** What may be said when a batch is submitted. A chunk size given here replaces the job's own. */
export interface BatchOptions {
  readonly params: Json;
  readonly chunkItems: number | null;
  readonly chunkBytes: number | null;
}

export interface NewBatch extends Pick<BatchSpec, "batch" | "input" | "createdAt" | "jobFile"> {
  readonly job: DescribedJob;
  readonly options: BatchOptions;
}

export function batchSpec({ batch, job, input, options, createdAt, jobFile }: NewBatch): BatchSpec {
  const { chunk, concurrency, tolerate, deadlineMs } = job.options;
  return {
    batch,
    job: job.name,
    input,
    params: options.params,
    chunk: { items: options.chunkItems ?? chunk.items, bytes: options.chunkBytes ?? chunk.bytes },
    concurrency,
    collects: job.outputs,
    tolerate,
    createdAt,
    deadlineAt: createdAt + deadlineMs,
    jobFile,
    ...(job.code === undefined ? {} : { code: job.code }),
  };
}
