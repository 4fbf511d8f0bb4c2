/** The threads of every job that this engine works for, started when first needed; and the files that they write. */
import type { BatchSpec } from "../steps/batch.ts";
import { syncPaths } from "./segments.ts";
import { startThreads } from "./threads.ts";
import type { Threads, ThreadsOptions } from "./threads.ts";

export interface JobThreadsOptions extends Pick<ThreadsOptions, "directory" | "count" | "onLog"> {
  /** Unique for this start of the engine. */
  readonly started: string;
}

/** How long interrupted code may take to notice; then its thread is replaced. */
const INTERRUPT_GRACE_MS = 300;

export class JobThreads {
  readonly #options: JobThreadsOptions;
  readonly #threads = new Map<string, Threads>();
  /** Written, and not synced yet. */
  #files = new Set<string>();

  constructor(options: JobThreadsOptions) {
    this.#options = options;
  }

  for(jobFile: string): Threads {
    const known = this.#threads.get(jobFile);
    if (known) return known;
    const { started, ...options } = this.#options;
    const threads = startThreads({
      ...options,
      jobFile,
      segmentPrefix: `${started}-${this.#threads.size}`,
      onFiles: (files) => this.written(files),
    });
    this.#threads.set(jobFile, threads);
    return threads;
  }

  of({ jobFile, batch }: BatchSpec): Threads {
    if (jobFile === null) throw new Error(`batch ${batch} has no job file`);
    return this.for(jobFile);
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

  /** What runs of this job, or of every job, is not wanted any more. */
  interrupt(jobFile?: string): void {
    for (const [file, threads] of this.#threads) {
      if (jobFile === undefined || file === jobFile) threads.interrupt(INTERRUPT_GRACE_MS);
    }
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#threads.values(), (threads) => threads.close()));
  }
}
