/** The interface between the end-to-end cases and a platform. */
import type { BatchSummary } from "../../src/batch/summary/summary.ts";
import type { Json } from "../../src/core/json/json.ts";
import type { RedriveFilter } from "../../src/core/failures/redrive-filter.ts";

export type JobName = "sales" | "direct" | "unruly" | "tally" | "generated" | "owner" | "homeless";

/** With the jobs of cases that only a deployed stack has. */
export type DeployedJobName = JobName | "waits" | "patient" | "limited";

export interface InputFile {
  readonly name: string;
  readonly text: string;
}

export interface Submission {
  readonly job: JobName;
  /** Left out if the job has its own input. */
  readonly input?: InputFile;
  readonly params?: Json;
  readonly id?: string;
}

/**
 * The files of a batch as text; `null` for a missing file. Sources are shortened to the last part of their
 * names.
 */
export interface BatchFiles {
  readonly result: string | null;
  readonly outputs: string | null;
  readonly failed: string | null;
}

/** One platform; each case has a driver of its own. */
export interface Driver {
  /**
   * Submits a batch as a user would. Resolves with the batch's id; rejects with an error that names the code.
   */
  submit(submission: Submission): Promise<string>;
  /** Uploads a file, which starts a batch of the job. Resolves with the batch's id. */
  upload(job: JobName, input: InputFile): Promise<string>;
  /** Deletes an input that was submitted. */
  remove(job: JobName, input: InputFile): Promise<void>;
  /** The summary of a batch at this moment. */
  show(batch: string): Promise<BatchSummary>;
  /** Resolves once the batch has ended. */
  wait(batch: string): Promise<BatchSummary>;
  files(batch: string): Promise<BatchFiles>;
  cancel(batch: string): Promise<void>;
  /** Begins a redrive; `wait` then waits for its end. */
  redrive(batch: string, filter?: Partial<RedriveFilter>): Promise<void>;
  /** Runs `use` while the job's code is the repaired one. */
  withMended<T>(job: JobName, use: () => Promise<T>): Promise<T>;
}

/**
 * The text of failed items with each source shortened to the last part of its name, because platforms keep
 * inputs in different places.
 */
export function plainSources(failed: string): string {
  const plain = failed.replaceAll(/^\{"source":"[^"]*?([^"/]+)"/gm, '{"source":"$1"');
  return withoutStacks(plain);
}

/** The text of failed items without the places of their errors: on AWS those are in a bundle. */
export function withoutStacks(failed: string): string {
  return failed.replaceAll(/,"stack":\[(?:"[^"]*",?)*\]/g, "");
}
