/**
 * A dry run: reads and validates the items of an input, with the job's threads, and runs nothing else of the
 * job. It is a batch of an engine in a directory of its own, which is deleted afterwards.
 */
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Progress } from "../batch/progress.ts";
import type { Failure } from "../core/records/batch.ts";
import type { FailedLine } from "../core/failures/failed-line.ts";
import type { FailureSummary } from "../core/failures/failure-summary.ts";
import type { Batch, SubmitOptions } from "../door/fanjoin.ts";
import { checkMaxItems } from "../door/max-items.ts";
import { LazyEngine } from "./lazy-engine.ts";
import { localBatch } from "./local-batch.ts";
import type { OpenDirectory } from "./local-batch.ts";
import type { OpenOptions } from "./open.ts";
import { submitHere } from "./submit.ts";
import { threadsOf } from "./threads.ts";

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
  const { signal, onProgress } = options;
  const concurrency = threadsOf(options, "dryRun()");
  checkMaxItems(options.maxItems);
  signal?.throwIfAborted();
  await using directory = await temporaryDirectory();
  const opened = openedAt(directory.path, concurrency, options);
  const { engines } = opened;
  const stop = (): void => void engines.close().catch(() => undefined);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    const submitted = await Promise.race([submitHere(opened, job, options), engines.closed]);
    opened.here.add(submitted.batch);
    const batch = localBatch(opened, submitted.batch, submitted.job);
    for await (const seen of batch.progress({ signal })) onProgress?.(seen, batch.job);
    return await reportOf(batch);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
    await engines.close();
  }
}

function openedAt(
  directory: string,
  concurrency: number,
  { onLog, onNotice = () => {}, insecureEndpoint = false }: EngineParts,
): OpenDirectory {
  const more = { dryRun: true, synchronous: "normal", wait: false } as const;
  const engines = new LazyEngine({ directory, concurrency, onLog, onNotice, ...more });
  return { directory, engines, here: new Set(), insecure: insecureEndpoint, onLog, onNotice };
}

/** It is also deleted if the process exits before. */
async function temporaryDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "fanjoin-dry-run-"));
  const options = { recursive: true, force: true, maxRetries: 3 };
  const atExit = (): void => rmSync(path, options);
  process.once("exit", atExit);
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rm(path, options);
      process.off("exit", atExit);
    },
  };
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
