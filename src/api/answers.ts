/** The JSON of answers, for those that read it: the page and the tests have no other declaration of it. */
import type { BatchSummary } from "../batch/summary/summary.ts";
import type { Failure } from "../core/records/batch/batch.ts";
import type { FailedLine } from "../core/failures/failed-line.ts";
import type { JobOptions } from "../job/job.ts";
import type { JobSchemas, JsonSchema } from "../job/describe-job.ts";
import type { Reader } from "../input/reader.ts";

/** `GET /batches`. */
export interface BatchesAnswer {
  readonly batches: readonly BatchSummary[];
  /** `null`: that was all. */
  readonly cursor: string | null;
}

/** `GET /batches/{batch}/failed` with `group`, `after` or `limit`. */
export interface FailedItemsPage {
  readonly items: readonly FailedLine[];
  /** `null`: that was all. */
  readonly cursor: string | null;
}

/** `GET /jobs`. */
export interface JobsAnswer {
  readonly jobs: readonly (JobView | JobError)[];
}

/** The file of a job, and when it was loaded. Absent on AWS. */
export interface JobFile {
  readonly file?: string;
  readonly loadedAt?: string;
}

/** `GET /jobs/{job}`. */
export interface JobView extends JobFile {
  readonly job: string;
  readonly reader: Pick<Reader, "kind" | "options">;
  readonly input: "own" | "given";
  readonly schemas: JobSchemas;
  /** The JSON Schema of a request that starts a batch. */
  readonly request: JsonSchema;
  readonly joins: boolean;
  readonly outputs: boolean;
  readonly code?: string;
  readonly defaults: JobDefaults;
}

/** As the job says, or fanjoin for it. */
export interface JobDefaults extends Pick<JobOptions, "concurrency" | "chunk" | "deadlineMs"> {
  readonly retry: { readonly attempts: number; readonly timeoutMs: number };
  readonly tolerate: { readonly count: number | null; readonly percent: number | null };
}

/** A job that does not load. */
export interface JobError extends Pick<JobFile, "file"> {
  readonly job: string;
  readonly error: Failure;
}
