/** fanjoin itself: the embedded engine in this process, in a directory that is thrown away. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { limitsFrom } from "../../src/batch/new-batch.ts";
import type { BatchSpec } from "../../src/batch/spec.ts";
import type { Json } from "../../src/core/json/json.ts";
import type { Source } from "../../src/input/reader.ts";
import { batchFile } from "../../src/local/directory/files/batch-files.ts";
import { openEngine } from "../../src/local/engine/open-engine.ts";
import type { Engine, JobDescription } from "../../src/local/engine/engine.ts";

export interface Bench {
  readonly engine: Engine;
  readonly job: JobDescription;
  /**
   * Submits a batch and waits for its end; returns how long that took and the result. `onSubmitted`: from now
   * on the engine knows the batch.
   */
  run(
    batch: string,
    sources: readonly Source[],
    chunkItems: number | null,
    onSubmitted?: () => void,
  ): Promise<{ ms: number; result: unknown }>;
  close(): Promise<void>;
}

export interface BenchSettings {
  readonly threads?: number;
  readonly params?: Json;
}

export const THREADS = 2;
const DEADLINE_MS = 3_600_000;

/** The input of a job over a range. */
export function integers(size: number): Source {
  return { name: "", label: "range", size, version: "" };
}

interface Submitted extends Pick<BatchSpec, "batch" | "jobFile" | "params"> {
  readonly sources: readonly Source[];
  readonly chunkItems: number | null;
}

/** A batch of a loaded job, as its options say. */
export function specOf(
  { name, input, options }: JobDescription,
  { sources, chunkItems, ...submitted }: Submitted,
): BatchSpec {
  const createdAt = Date.now();
  return {
    ...submitted,
    job: name,
    input: { reader: input.kind, options: input.options, sources },
    chunk: { items: chunkItems, bytes: null },
    concurrency: options.concurrency,
    ...limitsFrom(options),
    tolerate: { count: null, percent: null },
    createdAt,
    deadlineAt: createdAt + DEADLINE_MS,
  };
}

/** Opens an engine and loads a job in its threads. */
export async function openBench(
  jobFile: string,
  synchronous: "full" | "normal",
  { threads = THREADS, params = null }: BenchSettings = {},
): Promise<Bench> {
  const directory = await mkdtemp(join(tmpdir(), "fanjoin-bench-"));
  const onLog = ({ message }: { message: string }): void => console.error(message);
  const engine = await openEngine({ directory, concurrency: threads, synchronous, onLog });
  const job = await engine.load(jobFile, params);

  async function run(
    batch: string,
    sources: readonly Source[],
    chunkItems: number | null,
    onSubmitted?: () => void,
  ): Promise<{ ms: number; result: unknown }> {
    const spec = specOf(job, { batch, jobFile, sources, params, chunkItems });
    const start = performance.now();
    await engine.submit(spec);
    onSubmitted?.();
    await engine.finished(batch);
    const ms = performance.now() - start;
    const text = await readFile(batchFile(directory, batch, "result.json"), "utf8");
    return { ms, result: JSON.parse(text) };
  }

  async function close(): Promise<void> {
    await engine.stop();
    await rm(directory, { recursive: true });
  }

  return { engine, job, run, close };
}
