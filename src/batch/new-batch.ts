/** Makes the spec of a new batch from its job, its input and the options of the submission. */
import type { Json } from "../core/json/json.ts";
import { VERSION } from "../core/version.ts";
import { BY_KEY } from "./spec.ts";
import type { BatchSpec, Enough } from "./spec.ts";
import type { DescribedJob } from "../job/describe-job.ts";
import type { BatchLimits } from "../core/limits/limits.ts";
import type { JobOptions } from "../job/job.ts";

/** What may be said when a batch is submitted. A chunk size given here replaces the job's own. */
export interface BatchOptions {
  readonly params: Json;
  readonly chunkItems: number | null;
  readonly chunkBytes: number | null;
  readonly maxCostUsd?: number | null;
}

export interface NewBatch extends Pick<BatchSpec, "batch" | "input" | "createdAt" | "jobFile"> {
  readonly job: DescribedJob;
  readonly options: BatchOptions;
}

export function batchSpec({ batch, job, input, options, createdAt, jobFile }: NewBatch): BatchSpec {
  const { chunk, concurrency, tolerate, deadlineMs } = job.options;
  // A worker that was deployed earlier describes its job without `hedge`.
  const { retries, itemTimeoutMs, hedge } = job.options;
  const enough = enoughFrom(job.options, createdAt);
  return {
    batch,
    job: job.name,
    input,
    params: options.params,
    chunk: { items: options.chunkItems ?? chunk.items, bytes: options.chunkBytes ?? chunk.bytes },
    concurrency,
    ...limitsFrom(job.options),
    collects: job.byKey ? BY_KEY : job.outputs,
    tolerate,
    ...(enough === null ? {} : { enough }),
    ...(hedge ? { hedge } : {}),
    createdAt,
    deadlineAt: createdAt + deadlineMs,
    jobFile,
    ...(job.code === undefined ? {} : { code: job.code }),
    ...(typeof options.maxCostUsd === "number" ? { maxCostUsd: options.maxCostUsd } : {}),
    ...(job.onEnd ? { tells: true } : {}),
    fanjoin: VERSION,
    retry: { attempts: retries.limit + 1, timeoutMs: itemTimeoutMs },
  };
}

/** The limits of a job's batches. A worker that was deployed earlier may describe its job without them. */
export function limitsFrom({ rateLimit, inFlight }: Pick<JobOptions, "rateLimit" | "inFlight">): BatchLimits {
  const rate = rateLimit === "auto" ? { adaptive: true } : rateLimit && { rateLimit };
  return { ...rate, ...(inFlight ? { inFlight } : {}) };
}

const DAY_MS = 24 * 60 * 60_000;

/** When a batch of this job has enough. `null`: when all of its input is done. */
export function enoughFrom({ enough }: Pick<JobOptions, "enough">, createdAt: number): Enough | null {
  // A worker that was deployed earlier describes its job without `enough`.
  const {
    items = null,
    percent = null,
    afterMs = null,
    minute = null,
  } = (enough as JobOptions["enough"] | undefined) ?? {};
  const times = [
    ...(afterMs === null ? [] : [createdAt + afterMs]),
    ...(minute === null ? [] : [nextTimeOfDay(minute, createdAt)]),
  ];
  if (items === null && percent === null && times.length === 0) return null;
  return {
    ...(items === null ? {} : { items }),
    ...(percent === null ? {} : { percent }),
    ...(times.length === 0 ? {} : { at: Math.min(...times) }),
  };
}

/** The next time after `now` at which this minute of a day begins, in UTC. */
function nextTimeOfDay(minute: number, now: number): number {
  const today = now - (now % DAY_MS) + minute * 60_000;
  return today > now ? today : today + DAY_MS;
}
