/**
 * The threads of every job that this engine works for, started when first needed; and the files that they
 * write.
 */
import type { BatchSpec } from "../../batch/spec.ts";
import { startIsolated } from "../child-process/child-runner.ts";
import type { Isolated } from "../child-process/child-runner.ts";
import { syncPaths } from "../store/sync.ts";
import { startThreads } from "../threads/thread-pool.ts";
import type { Threads, ThreadsOptions } from "../threads/thread-pool.ts";

export interface JobThreadsOptions extends Pick<ThreadsOptions, "directory" | "count" | "onLog"> {
  /** Unique for this start of the engine. */
  readonly started: string;
}

/** How long interrupted code may take to notice; then its thread is replaced. */
const INTERRUPT_GRACE_MS = 300;

export class JobThreads {
  readonly #options: JobThreadsOptions;
  readonly #threads = new Map<string, Threads>();
  readonly #isolated = new Map<string, Isolated>();
  /** One thread for each batch whose items its job makes, so that a generator never keeps chunks waiting. */
  readonly #planners = new Map<string, Threads>();
  /** One thread for each job that is asked about, so that nobody who asks waits for items. */
  readonly #describers = new Map<string, Threads>();
  #started = 0;
  /** Written, and not synced yet. */
  #files = new Set<string>();

  constructor(options: JobThreadsOptions) {
    this.#options = options;
  }

  for(jobFile: string): Threads {
    const known = this.#threads.get(jobFile);
    if (known) return known;
    const threads = startThreads(this.#optionsFor(jobFile));
    this.#threads.set(jobFile, threads);
    return threads;
  }

  /** The thread that says what a job is, and checks params; started when first needed. */
  describer(jobFile: string): Threads {
    const known = this.#describers.get(jobFile);
    if (known) return known;
    const describer = startThreads({ ...this.#optionsFor(jobFile), count: 1, schemas: true });
    this.#describers.set(jobFile, describer);
    return describer;
  }

  /** Where a chunk may end its whole process, and harm nobody else. Started when first needed. */
  isolated(spec: BatchSpec): Isolated {
    const jobFile = fileOf(spec);
    const known = this.#isolated.get(jobFile);
    if (known) return known;
    const isolated = startIsolated(this.#optionsFor(jobFile));
    this.#isolated.set(jobFile, isolated);
    return isolated;
  }

  /** The thread that plans this batch, by code of its job. */
  planner(spec: BatchSpec): Threads {
    const known = this.#planners.get(spec.batch);
    if (known) return known;
    const planner = startThreads({ ...this.#optionsFor(fileOf(spec)), count: 1 });
    this.#planners.set(spec.batch, planner);
    return planner;
  }

  /** The planner of this batch has nothing more to do. */
  async dismiss(batch: string): Promise<void> {
    const planner = this.#planners.get(batch);
    this.#planners.delete(batch);
    await planner?.close();
  }

  #optionsFor(jobFile: string): ThreadsOptions {
    const { started, ...options } = this.#options;
    const onFiles = (files: readonly string[]): void => this.written(files);
    return { ...options, jobFile, segmentPrefix: `${started}-${this.#started++}`, onFiles };
  }

  of(spec: BatchSpec): Threads {
    return this.for(fileOf(spec));
  }

  /** Files that the next commit may name. */
  written(files: readonly string[]): void {
    for (const file of files) this.#files.add(file);
  }

  /** Resolves once everything that was written before is on disk. */
  async sync(): Promise<void> {
    const files = this.#files;
    this.#files = new Set();
    await syncPaths(files);
  }

  /** What runs of this batch's job, or of every job, is not wanted any more. */
  interrupt(spec?: BatchSpec): void {
    for (const [file, threads] of [...this.#threads, ...this.#isolated]) {
      if (spec === undefined || file === spec.jobFile) threads.interrupt(INTERRUPT_GRACE_MS);
    }
    for (const [batch, planner] of this.#planners) {
      if (spec === undefined || batch === spec.batch) planner.interrupt(INTERRUPT_GRACE_MS);
    }
  }

  /**
   * Ends what runs this job: when it is needed again, its file is loaded anew. Nothing of it may be under
   * way.
   */
  async forget(jobFile: string): Promise<void> {
    const kinds = [this.#threads, this.#isolated, this.#describers];
    const gone = kinds.flatMap((kind) => kind.get(jobFile) ?? []);
    for (const kind of kinds) kind.delete(jobFile);
    await Promise.all(gone.map((threads) => threads.close()));
  }

  async close(): Promise<void> {
    const kinds = [this.#threads, this.#isolated, this.#planners, this.#describers];
    const all = kinds.flatMap((kind) => [...kind.values()]);
    await Promise.all(all.map((threads) => threads.close()));
  }
}

function fileOf({ jobFile, batch }: BatchSpec): string {
  if (jobFile === null) throw new Error(`batch ${batch} has no job file`);
  return jobFile;
}
