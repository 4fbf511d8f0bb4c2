/**
 * A dry run: reads and validates the items of an input, with the job's threads, and runs nothing else of the
 * job. It is a batch of an engine in a directory of its own, which is deleted afterwards.
 */
import type { Progress } from "../../batch/summary/progress.ts";
import type { Failure } from "../../core/records/batch/batch.ts";
import type { FailedLine } from "../../core/failures/failed-line.ts";
import type { FailureSummary } from "../../core/failures/failure-summary.ts";
import type { Batch, SubmitOptions } from "../../door/fanjoin.ts";
import { checkMaxItems } from "../../door/max-items.ts";
import type { OpenOptions } from "../open.ts";
import { tried } from "./trial.ts";

type EngineParts = Pick<OpenOptions, "threads" | "insecureEndpoint" | "onLog" | "onNotice">;

/** The input of a dry run, as for `submit`, and how it is run. */
export interface DryRunOptions extends Omit<SubmitOptions, "id" | "onSubmit">, EngineParts {
  /** Called several times a second. */
  readonly onProgress?: ((progress: Progress, job: string) => void) | undefined;
}

/** What would become of the items, as far as reading and validating them tells. */
export interface DryRun {
  /** The name of the job. */
  readonly job: string;
  readonly dryRun: true;
  /** `total` is `null` if `error` says why not all of them could be read. */
  readonly items: { readonly total: number | null; readonly failed: number };
  /** Present if only the first so many items were asked for. */
  readonly maxItems?: number;
  /** The failed items in groups, as in the summary of a batch; `null`: none would fail. */
  readonly failures: FailureSummary | null;
  /** The first failed items in input order, at most 100. */
  readonly failed: readonly FailedLine[];
  /** Why the batch as a whole would fail; `null`: it would not. */
  readonly error: Failure | null;
}

const MOST_FAILED = 100;

/**
 * Reads the input of a batch and validates its items by the job's schemas. Neither `process` nor the join
 * runs, and no state directory is touched: text that has to be written out is in the system's temporary
 * directory meanwhile. `signal` ends it. Throws as `submit`.
 */
export async function dryRun(job: string | URL, options: DryRunOptions = {}): Promise<DryRun> {
  checkMaxItems(options.maxItems);
  const trial = { name: "dry-run", where: "dryRun()", dryRun: true } as const;
  return tried(trial, job, options, reportOf);
}

async function reportOf(batch: Batch): Promise<DryRun> {
  const { job, items, maxItems, error, failures = null } = await batch.summary();
  const failed: FailedLine[] = [];
  for await (const line of batch.failed()) {
    failed.push(line);
    if (failed.length === MOST_FAILED) break;
  }
  const limit = maxItems === undefined ? {} : { maxItems };
  const counts = { total: items.total, failed: items.failed };
  return { job, dryRun: true, items: counts, ...limit, failures, failed, error };
}
