/** The log of `fanjoin dev` about its batches: a line when one begins, every few seconds, and at its end. */
import { FanjoinError } from "../core/errors/errors.ts";
import type { Fields } from "../core/records/record.ts";
import type { Engine } from "../local/engine/engine.ts";
import { summarize } from "../batch/summary/summary.ts";
import type { LocateFile } from "../batch/summary/files.ts";
import { count, counted, duration } from "../format.ts";
import { plainLine } from "../cli/display/progress/progress-line.ts";

export interface RunningBatches {
  /** Called when a batch begins to run. */
  add(batch: string, job: string): void;
  /** The number of running batches. */
  readonly size: number;
  /** Rejects when the engine cannot continue. */
  readonly failed: Promise<never>;
  stop(): void;
}

export interface RunningBatchesOptions {
  readonly engine: Engine;
  readonly locate: LocateFile;
  readonly log: (line: string) => void;
}

const EVERY_MS = 5000;

export function runningBatches({ engine, locate, log }: RunningBatchesOptions): RunningBatches {
  const running = new Map<string, { readonly job: string; chunks: number }>();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);

  async function follow(batch: string, job: string): Promise<void> {
    log(`${job} ${batch} runs`);
    const fields = await engine.finished(batch);
    running.delete(batch);
    log(await endLine(batch, job, fields));
  }

  async function endLine(batch: string, job: string, fields: Fields): Promise<string> {
    const { state, items, seconds, error } = await summarize(engine.ledger, batch, fields, locate);
    const done = items.succeeded + items.failed;
    const failures = items.failed > 0 ? `, ${count(items.failed)} failed` : "";
    const why = error ? `: ${error.message} [${error.code}]` : "";
    return `${job} ${batch} ${state}: ${counted(done, "item")}${failures} in ${duration(seconds ?? 0)}${why}`;
  }

  function tick(): void {
    for (const [batch, known] of running) {
      const progress = engine.progress(batch);
      if (progress.totals.chunks === known.chunks) continue;
      known.chunks = progress.totals.chunks;
      log(plainLine({ job: `${known.job} ${batch}`, progress, speed: null }));
    }
  }

  const ticking = setInterval(tick, EVERY_MS).unref();
  return {
    add(batch, job) {
      if (running.has(batch)) return;
      running.set(batch, { job, chunks: 0 });
      follow(batch, job).catch((error: unknown) => {
        running.delete(batch);
        if (error instanceof FanjoinError && error.code !== "DIRECTORY_UNUSABLE")
          log(`${job} ${batch} was stopped: ${error.message}`);
        else failed.reject(error);
      });
    },
    get size() {
      return running.size;
    },
    failed: failed.promise,
    stop: () => clearInterval(ticking),
  };
}
