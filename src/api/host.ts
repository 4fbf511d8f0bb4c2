/** What the API needs of whoever serves it: a stack, or one machine. */
import type { Json } from "../core/json.ts";
import type { Ledger, ListedObject, ObjectStore } from "../ports.ts";
import type { BatchSpec } from "../batch/spec.ts";
import type { RedriveFilter } from "../core/redrive-filter.ts";
import type { DescribedJob } from "../job/describe-job.ts";
import type { StoreInput } from "../batch/job-input.ts";
import type { BatchFiles } from "../batch/files.ts";
import type { ApiRequest, ApiResponse } from "./http.ts";

/** A file of a batch that has ended. */
export type FileField = keyof BatchFiles;

/** A URL that allows to write one object, for a while. */
export interface SignedUpload {
  readonly url: string;
  /** What the object is called as an input, `s3://…`. */
  readonly object: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export interface ApiHost {
  readonly ledger: Ledger;
  readonly store: Pick<ObjectStore, "read" | "stat">;
  /** Names of the jobs that are deployed. */
  readonly jobs: readonly string[];
  /**
   * Asks the job's code, with `schemas`; checks `params` by the job's schema, if they are given. Throws
   * `JOB_INVALID`.
   */
  describe(job: string, params?: Json): Promise<DescribedJob>;
  /**
   * The name, for the store, of the object at an `s3:` URL. Throws `INPUT_FORBIDDEN`: nothing is read of
   * other buckets.
   */
  objectName(url: string): string;
  /**
   * The objects below an `s3:` URL, in the order of their keys, as many as `limit`; no folders. Throws
   * `INPUT_FORBIDDEN`.
   */
  listObjects(url: string, limit: number): Promise<readonly ListedObject[]>;
  readonly storeInput: StoreInput;
  /** Durable when it resolves. */
  submit(spec: Omit<BatchSpec, "jobFile">): Promise<void>;
  /** As the step does. */
  cancel(batch: string): Promise<boolean>;
  /** As the step does. */
  redrive(batch: string, filter: RedriveFilter | null): Promise<boolean>;
  /** The name, for the store, of a file that was committed as `name`. */
  fileName(batch: string, file: FileField, name: string): string;
  /** A URL to read an object of ours from, for a while; whoever follows it is told to call it `saveAs`. */
  signedGet(name: string, options: { readonly type: string; readonly saveAs: string }): Promise<string>;
  /** A URL to write an object of ours to, for a while. */
  signedPut(name: string): Promise<SignedUpload>;
  /** A new id, that sorts by time. */
  newBatch(): string;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Is told of errors that nobody expected. */
  report(error: unknown): void;
}

/** `names` are what stands in the path where the route has `{…}`, in that order. */
export type Handler = (host: ApiHost, request: ApiRequest, names: readonly string[]) => Promise<ApiResponse>;
