/**
 * Engines of a test's own: in a temporary directory, with job files written for the test, stopped when it is
 * over.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { onTestFinished } from "vitest";
import type { Json } from "../../../src/core/json/json.ts";
import { openEngine } from "../../../src/local/engine/open-engine.ts";
import type { Engine, EngineOptions, JobDescription, LogEntry } from "../../../src/local/engine/engine.ts";
import { enoughFrom, limitsFrom } from "../../../src/batch/new-batch.ts";
import type { BatchSpec } from "../../../src/batch/spec.ts";
import { temporaryDirectory } from "../../memory/directory.ts";

export interface Bench {
  readonly log: LogEntry[];
  path(...names: string[]): string;
  /** Writes a job file; returns its path. */
  write(name: string, text: string): string;
  open(
    concurrency?: number,
    more?: Pick<EngineOptions, "tracer" | "dryRun" | "isTrial" | "chaos">,
  ): Promise<Engine>;
}

export function bench(options: Partial<Pick<EngineOptions, "partsMs">> = {}): Bench {
  const directory = temporaryDirectory();
  const engines: Engine[] = [];
  onTestFinished(async () => {
    for (const engine of engines) await engine.stop().catch(() => undefined);
    directory.remove();
  });
  const log: LogEntry[] = [];
  return {
    log,
    path: (...names) => directory.path(...names),
    write(name, text) {
      const path = directory.path(name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      return path;
    },
    async open(concurrency = 2, more = {}) {
      const engine = await openEngine({
        directory: directory.path("state"),
        concurrency,
        synchronous: "normal",
        ...options,
        ...more,
        onLog: (entry) => log.push(entry),
      });
      engines.push(engine);
      return engine;
    },
  };
}

/** A job file over a range, joined in order and summed. */
export function numbers(to: number, process = "(n) => n", more = ""): string {
  return `
    import { collect, defineJob, fold, range, sum } from "fanjoin";
    const order = fold({ init: () => "", add: (acc, n) => acc + n + ",", merge: (a, b) => a + b });
    export default defineJob({ name: "numbers", input: range(${to}), join: { order, sum: sum() }, retries: 0, process: ${process}, ${more} });
  `;
}

export interface RangeBatch {
  readonly batch?: string;
  readonly items?: number | null;
  readonly params?: Json;
  readonly deadlineMs?: number;
}

export function specFor(
  job: JobDescription,
  { batch = "01A", items = null, params = null, deadlineMs = 3_600_000 }: RangeBatch = {},
): BatchSpec {
  const { own, kind, options } = job.input;
  const { hedge } = job.options;
  const size = own && "from" in own ? own.to - own.from : 0;
  const createdAt = Date.now();
  const enough = enoughFrom(job.options, createdAt);
  return {
    batch,
    job: job.name,
    input: { reader: kind, options, sources: [{ name: "", label: "range", size, version: "" }] },
    params,
    chunk: { items, bytes: null },
    ...limitsFrom(job.options),
    ...(hedge ? { hedge } : {}),
    tolerate: job.options.tolerate,
    ...(enough === null ? {} : { enough }),
    createdAt,
    deadlineAt: createdAt + deadlineMs,
    jobFile: job.file,
  };
}
