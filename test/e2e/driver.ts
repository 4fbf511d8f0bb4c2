/** What the end-to-end cases need of a platform. */
import type { BatchSummary } from "../../src/batch/summary.ts";
import type { Json } from "../../src/core/json.ts";
import type { RedriveFilter } from "../../src/core/redrive-filter.ts";

export type JobName = "sales" | "direct" | "unruly" | "tally" | "generated";

export interface InputFile {
  readonly name: string;
  readonly text: string;
}

export interface Submission {
  readonly job: JobName;
  /** Left out where the job brings its own. */
  readonly input?: InputFile;
  readonly params?: Json;
  readonly id?: string;
}

/**
 * The files of a batch, as text; `null` where it has none. Sources are named by the last part of their names.
 */
export interface BatchFiles {
  readonly result: string | null;
  readonly outputs: string | null;
  readonly failed: string | null;
}

/** One platform, used by one case. */
export interface Driver {
  /**
   * Submits by the platform's front door. Resolves with the batch's id; rejects with an error that names the
   * code.
   */
  submit(submission: Submission): Promise<string>;
  /** Puts a file where it starts a batch of the job. */
  upload(job: JobName, input: InputFile): Promise<string>;
  /** Deletes an input that was submitted. */
  remove(job: JobName, input: InputFile): Promise<void>;
  /** What is known of it now. */
  look(batch: string): Promise<BatchSummary>;
  /** Resolves once the batch has ended. */
  wait(batch: string): Promise<BatchSummary>;
  files(batch: string): Promise<BatchFiles>;
  cancel(batch: string): Promise<void>;
  /** Begins a redrive; `wait` then waits for its end. */
  redrive(batch: string, filter?: Partial<RedriveFilter>): Promise<void>;
  /** Runs `use` while the job's code is the mended one. */
  withMended<T>(job: JobName, use: () => Promise<T>): Promise<T>;
}

/**
 * Text of failed items with each source as the last part of its name: platforms keep inputs in different
 * places.
 */
export function plainSources(failed: string): string {
  return failed.replaceAll(/^\{"source":"[^"]*?([^"/]+)"/gm, '{"source":"$1"');
}
