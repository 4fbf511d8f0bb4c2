/**
 * The entry `fanjoin/local`: batches of a directory on this machine, from code. The embedded engine runs them
 * in this process.
 */
import { allBatches } from "../batch/list.ts";
import { readBatch } from "../batch/spec.ts";
import { summarizeOwned } from "../batch/summary/summary.ts";
import type { BatchSummary } from "../batch/summary/summary.ts";
import type { Fields } from "../core/records/record.ts";
import { cancelOnAbort } from "../door/cancel-on-abort.ts";
import type { Batch, Fanjoin, ListBatches, OnNotice, SubmitOptions } from "../door/fanjoin.ts";
export type { OutputPage, OutputsOptions } from "../door/output-pages.ts";
import { checkMaxCost } from "../door/max-cost.ts";
import { checkMaxItems } from "../door/max-items.ts";
import type { Job } from "../job/job.ts";
import type { Chaos } from "../local/engine/running/chaos.ts";
import type { LogEntry } from "../local/engine/engine.ts";
import { lockHolder, workedOnIn } from "../local/directory/lock.ts";
import { DEFAULT_DIRECTORY } from "./default-directory.ts";
import { locateIn, openReadOnly, readDirectory } from "./directory-files.ts";
import { LazyEngine } from "./lazy-engine.ts";
import { localBatch } from "./batch/local-batch.ts";
import type { OpenDirectory } from "./batch/local-batch.ts";
import { isPausedElsewhere } from "./batch/pause.ts";
import { currentSummary } from "./batch/pick-batch.ts";
import { submitHere } from "./submit.ts";
import { threadsOf } from "./threads.ts";
import { loadTracer } from "../tracing/load-tracer.ts";

export { FanjoinError } from "../core/errors/errors.ts";
export type { PulledBatch, PulledChunk, PulledSource } from "../batch/pulled/pulled-chunk.ts";
export { Chaos } from "../local/engine/running/chaos.ts";
export type { ChaosCounts } from "../local/engine/running/chaos.ts";
export { dryRun } from "./trial/dry-run.ts";
export type { DryRun, DryRunOptions } from "./trial/dry-run.ts";
export { estimate } from "./trial/estimate.ts";
export type { RedriveForecast } from "../batch/steering/redrive-forecast.ts";
export type { Estimate } from "../batch/estimate.ts";
export type { LogEntry } from "../local/engine/engine.ts";
export type * from "../door/fanjoin.ts";

/** Options of `open`. */
export interface OpenOptions {
  /** The state directory; made if it is missing. Default: `.fanjoin`. */
  readonly directory?: string | undefined;
  /** How many threads run chunks. Default: the number of cores. */
  readonly threads?: number | undefined;
  /**
   * Waits while another process owns the directory, and tells `onNotice` who does. Default: that is
   * `DIRECTORY_IN_USE`.
   */
  readonly wait?: boolean | undefined;
  /** Allows `AWS_ENDPOINT_URL` to be an address on another machine without encryption. */
  readonly insecureEndpoint?: boolean | undefined;
  /** Receives the log of jobs. */
  readonly onLog?: ((entry: LogEntry) => void) | undefined;
  readonly onNotice?: OnNotice | undefined;
  /**
   * Traces by `@opentelemetry/api`, recorded with what this process has registered there. Default: whether a
   * variable of the environment says where traces go, e.g. `OTEL_EXPORTER_OTLP_ENDPOINT`.
   */
  readonly tracing?: boolean | undefined;
  /** For tests: disturbs the batches that run here, which has to change nothing (`fanjoin run --chaos`). */
  readonly chaos?: Chaos | undefined;
}

/** The batches of a directory on this machine. */
export interface LocalFanjoin extends Fanjoin {
  /** The job file that a batch is recorded with; `null` if there is none, or no such batch. */
  jobFile(batch: string): Promise<string | null>;
  /** Whether another process works on a batch that is paused: `resume` has it go on there. */
  isPausedElsewhere(batch: string): Promise<boolean>;
}

/**
 * Opens a directory. Nothing is written and no lock is taken before the first batch is started, continued or
 * cancelled: from then on this process owns the directory until `close`. Installs no signal handlers and
 * prints nothing. Throws `USAGE` for a wrong option, and for `tracing` without its package; what needs the
 * lock throws `DIRECTORY_IN_USE`.
 */
export async function open(options: OpenOptions = {}): Promise<LocalFanjoin> {
  const { directory = DEFAULT_DIRECTORY, wait = false, onLog, onNotice = () => {}, chaos } = options;
  const insecure = options.insecureEndpoint === true;
  const concurrency = threadsOf(options, "open()");
  const tracer = await loadTracer(options.tracing, process.env);
  const engines = new LazyEngine({ directory, concurrency, wait, onLog, onNotice, chaos, tracer });
  const opened: OpenDirectory = { directory, engines, here: new Set(), insecure, onLog, onNotice };
  const close = (): Promise<void> => engines.close();
  return {
    where: `in ${directory}`,
    submit: (job, given = {}) => submit(opened, job, given),
    async batch(id) {
      const { batch, job } = await currentSummary(id, directory);
      return localBatch(opened, batch, job);
    },
    list: (wanted = {}) => listed(directory, wanted),
    isWorkedOn: () => lockHolder(directory) !== null,
    jobFile: (batch) => readDirectory(directory, async (ledger) => jobFileOf(await readBatch(ledger, batch))),
    isPausedElsewhere: (batch) => isPausedElsewhere(directory, batch),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function submit<AnyJob extends Job>(
  opened: OpenDirectory,
  job: string | URL,
  options: SubmitOptions,
): Promise<Batch<AnyJob>> {
  const { signal, maxItems } = options;
  checkMaxItems(maxItems);
  checkMaxCost(options.maxCostUsd, true);
  signal?.throwIfAborted();
  // A job file may load for ever: closing the directory ends the wait.
  const submitted = await Promise.race([submitHere(opened, job, options), opened.engines.closed]);
  const batch = localBatch<AnyJob>(opened, submitted.batch, submitted.job);
  if (submitted.ended) return batch;
  opened.here.add(batch.id);
  cancelOnAbort(batch, signal);
  return batch;
}

async function* listed(directory: string, { job, state }: ListBatches): AsyncGenerator<BatchSummary> {
  const isWorkedOn = workedOnIn(directory);
  const states = state === undefined ? null : [state].flat();
  const opened = openReadOnly(directory);
  try {
    for await (const record of allBatches(opened.ledger, { descending: true })) {
      if (job !== undefined && record.fields["job"] !== job) continue;
      const summary = await summarizeOwned(opened.ledger, record, locateIn(directory), isWorkedOn);
      if (states?.includes(summary.state) ?? true) yield summary;
    }
  } finally {
    opened.close();
  }
}

function jobFileOf(fields: Fields | null): string | null {
  const file = fields?.["jobFile"];
  return typeof file === "string" ? file : null;
}
