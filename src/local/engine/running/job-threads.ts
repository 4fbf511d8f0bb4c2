/** The threads of every job that an engine works for, and the files that they write. */
import { dirname } from "node:path";
import type { Json } from "../../../core/json/json.ts";
import type { BatchSpec } from "../../../batch/spec.ts";
import type { DescribedJob } from "../../../job/describe-job.ts";
import { startChildRunner } from "../../child-process/child-runner.ts";
import type { ChildRunner } from "../../child-process/child-runner.ts";
import type { SettledChunk } from "../../threads/thread-messages.ts";
import { syncPaths } from "../../store/sync.ts";
import { startThreadPool } from "../../threads/pool/thread-pool.ts";
import type { ThreadPool, ThreadPoolOptions } from "../../threads/pool/pool-options.ts";
import { StartedByKey } from "../pumping/started-by-key.ts";

export interface JobThreadsOptions extends Pick<
  ThreadPoolOptions,
  "directory" | "count" | "onLog" | "dryRun" | "limits" | "isTail"
> {
  /** Unique for this start of the engine. */
  readonly started: string;
}

/** Interrupted code may take this long to notice; then its thread is replaced. */
const INTERRUPT_GRACE_MS = 300;

export class JobThreads {
  readonly #options: JobThreadsOptions;
  /** By job file. */
  readonly #pools = new StartedByKey<ThreadPool, boolean>((file, onDemand) =>
    startThreadPool({ ...this.#optionsFor(file), count: this.#countOf(file), onDemand }),
  );
  /** By job file. */
  readonly #children = new StartedByKey<ChildRunner>((file) => startChildRunner(this.#optionsFor(file)));
  /** One thread for each job that is asked about, so that a question never waits for items. By job file. */
  readonly #describers = new StartedByKey<ThreadPool>((file) =>
    startThreadPool({ ...this.#optionsFor(file), count: 1, schemas: true }),
  );
  /**
   * One thread for each batch whose items its job makes, so that a generator never keeps chunks waiting. By
   * batch.
   */
  readonly #planners = new StartedByKey<ThreadPool, BatchSpec>((_, spec) =>
    startThreadPool({ ...this.#optionsFor(fileOf(spec)), count: 1 }),
  );
  #started = 0;
  /** Written, and not synced yet. */
  #files = new Set<string>();
  /** The folders of batches that are done. */
  readonly #dropped = new Set<string>();

  constructor(options: JobThreadsOptions) {
    this.#options = options;
  }

  /** By job file: how many threads its batches want, in place of the usual number. */
  readonly #wanted = new Map<string, number>();

  /** The most threads that one job has. */
  get most(): number {
    const running = this.#pools.entries().map(([file]) => this.#countOf(file));
    return running.length === 0 ? this.#options.count : Math.max(...running);
  }

  /** `null`: the usual number. Threads that are too many end once they have nothing to do. */
  resize(jobFile: string, count: number | null): void {
    if (count === null) this.#wanted.delete(jobFile);
    else this.#wanted.set(jobFile, count);
    this.#pools.find(jobFile)?.resize(this.#countOf(jobFile));
  }

  #countOf(jobFile: string): number {
    return this.#wanted.get(jobFile) ?? this.#options.count;
  }

  /** How many threads run chunks of this job. */
  countFor({ jobFile }: Pick<BatchSpec, "jobFile">): number {
    return this.#countOf(jobFile ?? "");
  }

  /** How many items are in `process` now, by the number of the thread. */
  itemsInProcess({ jobFile }: Pick<BatchSpec, "jobFile">): ReadonlyMap<number, number> {
    return this.#pools.find(jobFile ?? "")?.itemsInProcess() ?? NO_THREADS;
  }

  /**
   * Loads a job file in its threads, and checks `params`. If there are none yet, all of them start now, or
   * `onDemand`. Throws `JOB_INVALID`.
   */
  async load(jobFile: string, params: Json, onDemand: boolean): Promise<DescribedJob> {
    const pool = this.#pools.get(jobFile, onDemand);
    const job = await pool.job;
    await pool.checkParams(params);
    return job;
  }

  /** Loads a job file in its describer, and checks `params` if they are given. Throws `JOB_INVALID`. */
  async describe(jobFile: string, params: Json | undefined): Promise<DescribedJob> {
    const describer = this.#describers.get(jobFile, null);
    const job = await describer.job;
    if (params !== undefined) await describer.checkParams(params);
    return job;
  }

  /** The job of the batch, loaded in its threads. `null`: its file is not known. Throws `JOB_INVALID`. */
  async loadJobOf(spec: BatchSpec): Promise<DescribedJob | null> {
    return spec.jobFile === null ? null : this.of(spec).job;
  }

  of(spec: BatchSpec): ThreadPool {
    return this.#pools.get(fileOf(spec), false);
  }

  /** The child process for chunks that may end the whole process they run in. */
  childOf(spec: BatchSpec): ChildRunner {
    return this.#children.get(fileOf(spec), null);
  }

  /** The thread that plans this batch, by code of its job. */
  plannerOf(spec: BatchSpec): ThreadPool {
    return this.#planners.get(spec.batch, spec);
  }

  /** The planner of this batch has nothing more to do. */
  dismissPlanner(batch: string): Promise<void> {
    return this.#planners.close(batch);
  }

  /** How many threads of this job have nothing to do. */
  idleOf(jobFile: string): number {
    return this.#pools.find(jobFile)?.idle() ?? 0;
  }

  /** Stops attempts at chunks of this job that are settled by now. */
  overtake(jobFile: string, chunks: readonly SettledChunk[]): void {
    this.#pools.find(jobFile)?.overtake(chunks);
  }

  #optionsFor(jobFile: string): ThreadPoolOptions {
    const { started, ...options } = this.#options;
    const onFiles = (files: readonly string[]): void => this.#written(files);
    return { ...options, jobFile, segmentPrefix: `${started}-${this.#started++}`, onFiles };
  }

  #written(files: readonly string[]): void {
    for (const file of files) this.#files.add(file);
  }

  /** The files in this folder are removed: none of them is synced any more. */
  forgetFiles(folder: string): void {
    this.#dropped.add(folder);
  }

  #isDropped(file: string): boolean {
    return this.#dropped.size > 0 && (this.#dropped.has(file) || this.#dropped.has(dirname(file)));
  }

  /** Resolves once `files`, and all files that threads wrote before, are on disk. */
  async sync(files: readonly string[]): Promise<void> {
    this.#written(files);
    if (this.#files.size === 0) return;
    const written = this.#files;
    this.#files = new Set();
    await syncPaths([...written].filter((file) => !this.#isDropped(file)));
  }

  /** Interrupts the running work of this batch's job, or of every job. */
  interrupt(spec?: BatchSpec): void {
    for (const [file, running] of [...this.#pools.entries(), ...this.#children.entries()]) {
      if (spec === undefined || file === spec.jobFile) running.interrupt(INTERRUPT_GRACE_MS);
    }
    for (const [batch, planner] of this.#planners.entries()) {
      if (spec === undefined || batch === spec.batch) planner.interrupt(INTERRUPT_GRACE_MS);
    }
  }

  /**
   * Ends everything that runs this job: when the job is needed again, its file is loaded anew. No work of the
   * job may be under way.
   */
  async forget(jobFile: string): Promise<void> {
    const kinds = [this.#pools, this.#children, this.#describers];
    await Promise.all(kinds.map((kind) => kind.close(jobFile)));
  }

  async close(): Promise<void> {
    const kinds = [this.#pools, this.#children, this.#planners, this.#describers];
    await Promise.all(kinds.map((kind) => kind.closeAll()));
  }
}

const NO_THREADS: ReadonlyMap<number, number> = new Map();

function fileOf({ jobFile, batch }: BatchSpec): string {
  if (jobFile === null) throw new Error(`batch ${batch} has no job file`);
  return jobFile;
}
