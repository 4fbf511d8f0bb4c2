/** The interface between the API and its host: a stack, or `fanjoin dev` on one machine. */
import type { Refused } from "../batch/steering/settings.ts";
import type { Settings } from "../core/records/batch/settings.ts";
import type { LiveFailures } from "../core/failures/failure-summary.ts";
import type { BatchHistory } from "../core/history/history.ts";
import type { Fields } from "../core/records/record.ts";
import type { Json } from "../core/json/json.ts";
import type { Ledger, ObjectStore } from "../ports.ts";
import type { BatchSpec } from "../batch/spec.ts";
import type { RedriveFilter } from "../core/failures/redrive-filter.ts";
import type { DescribedJob } from "../job/describe-job.ts";
import type { StoreInput } from "../batch/job-input.ts";
import type { PullPage, WantedChunks } from "../batch/pulled/pull-page.ts";
import type { BatchFiles } from "../batch/summary/files.ts";
import type { SettledCounts } from "../batch/summary/leaf-history.ts";
import type { BatchPace } from "../batch/summary/pace.ts";
import type { ApiRequest, ApiResponse } from "./http.ts";

/** A file of an ended batch, by its field in the summary. */
export type FileField = keyof BatchFiles;

/** A URL that allows one upload of one object until it expires. */
export interface SignedUpload {
  readonly url: string;
  /** The object's `s3:` URL, to be given as an input. */
  readonly object: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** What is kept of a batch besides its records. */
export interface SeenBatch {
  readonly history: BatchHistory | null;
  readonly failures: LiveFailures | null;
}

export interface ApiHost {
  readonly ledger: Ledger;
  readonly store: Pick<ObjectStore, "read" | "stat">;
  /** Records as they are, though they may not be durable yet. Absent: as those of the ledger. */
  readonly latest?: Pick<Ledger, "read">;
  /** Waits, where answers may go on for long. Absent: an answer is all that there is. */
  readonly wait?: (ms: number) => Promise<void>;
  /** The names of the deployed jobs. */
  readonly jobs: readonly string[];
  /**
   * Describes a job, including its schemas. Checks `params` against the job's schema if they are given.
   * Throws `JOB_INVALID`.
   */
  describe(job: string, params?: Json): Promise<DescribedJob>;
  /** The file of a job, and when it was loaded, in milliseconds since the epoch. Absent on AWS. */
  readonly loaded?: (job: string) => { readonly file: string; readonly at: number };
  /**
   * The store's name of the object at an `s3:` URL. Throws `INPUT_FORBIDDEN` for buckets that may not be
   * read, and for objects of the stack's bucket that are no inputs.
   */
  objectName(url: string): string;
  /** Throws `INPUT_FORBIDDEN` for an `s3:` URL below which nothing may be read. */
  checkPrefix(url: string): void;
  readonly storeInput: StoreInput;
  /** Durable when it resolves. */
  submit(spec: Omit<BatchSpec, "jobFile">): Promise<void>;
  /** False if the batch has ended or was cancelled before. */
  cancel(batch: string): Promise<boolean>;
  /** False if the batch is paused already, is to end or has ended. */
  pause(batch: string): Promise<boolean>;
  /** False if the batch is not paused. */
  resume(batch: string): Promise<boolean>;
  /** Why this host does not have these settings. */
  readonly refusedSettings: Refused;
  /** Why a batch here cannot have a limit of its cost. Absent: it can. */
  readonly refusesMaxCost?: string;
  /** Changes checked settings of a batch that runs. Throws `BATCH_NOT_READY` for one that has ended. */
  set(batch: string, settings: Settings): Promise<void>;
  /** False if there is nothing to redrive. Durable when it resolves. */
  redrive(batch: string, filter: RedriveFilter | null): Promise<boolean>;
  /**
   * Removes a batch that has ended. Durable when it resolves. Throws `BATCH_UNKNOWN`, and `BATCH_NOT_READY`
   * for one that has not ended.
   */
  remove(batch: string): Promise<void>;
  /** Whether something works on a batch that has not ended: on AWS always. */
  isWorkedOn(batch: string): boolean;
  /** What the process knows that runs a batch. */
  pace(batch: string): BatchPace;
  /**
   * What there is to see of the batch whose record is `fields`, of which so much is settled; `null`: nothing
   * was kept.
   */
  seen(batch: string, fields: Fields, settled: SettledCounts): Promise<SeenBatch | null>;
  /** The bytes of a list of failed items as they were written, from `start` to `end`. */
  readList(name: string, start: number, end: number): AsyncIterable<Uint8Array>;
  /** The store's name of a file that was committed as `name`. */
  fileName(batch: string, file: FileField, name: string): string;
  /** What runs the same chunks elsewhere. Throws as `chunksToPull` of the steps does. */
  chunksToPull(batch: string, wanted: WantedChunks): Promise<PullPage>;
  /** A URL to read a batch's file or input from until it expires. `saveAs` is the suggested file name. */
  signedGet(name: string, options: { readonly type: string; readonly saveAs: string }): Promise<string>;
  /** A URL to write an object of the host's own bucket to until it expires. */
  signedPut(name: string): Promise<SignedUpload>;
  /** A new batch id. Ids sort by time. */
  newBatch(): string;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Logs an unexpected error. */
  report(error: unknown): void;
  /** The message of an error as a caller may read it: a caller is told no path of the host's machine. */
  forCallers(message: string): string;
}

/** `names` are the values of the `{…}` parts of the route, in order. */
export type Handler = (host: ApiHost, request: ApiRequest, names: readonly string[]) => Promise<ApiResponse>;
