/** One batch of a directory, run by this process or by another one. */
import { readBatch, readSpec } from "../../batch/spec.ts";
import { notEnded } from "../../core/failures/redrive-filter.ts";
import type { PullPage, WantedChunks } from "../../batch/pulled/pull-page.ts";
import type { Progress } from "../../batch/summary/progress.ts";
import type { Fields } from "../../core/records/record.ts";
import { hasEnded } from "../../core/records/batch/batch.ts";
import { batchHandle } from "../../door/batch-handle.ts";
import type { Batch, FollowOptions, OnNotice, PulledPage } from "../../door/fanjoin.ts";
import { polledProgress } from "../../door/polled.ts";
import { sleep } from "../../door/sleep.ts";
import type { Job } from "../../job/job.ts";
import { lockHolder } from "../../local/directory/lock.ts";
import type { Engine, EngineOptions } from "../../local/engine/engine.ts";
import { bytesHere, pullHere } from "../../local/directory/pull-here.ts";
import { cancelBatch } from "./cancel.ts";
import { bytesOf, readDirectory, readFileIn, readOutputFileIn } from "../directory-files.ts";
import type { LazyEngine } from "../lazy-engine.ts";
import { loadRecordedJob } from "../load-job.ts";
import { localOutputs } from "./local-outputs.ts";
import { pauseBatch, resumeElsewhere, setBatch } from "./pause.ts";
import { currentSummary } from "./pick-batch.ts";

/** A directory that a program has opened. */
export interface OpenDirectory {
  readonly directory: string;
  readonly engines: LazyEngine;
  /** The batches that this process has begun or continued. */
  readonly here: Set<string>;
  /** S3 may be asked without encryption. */
  readonly insecure: boolean;
  readonly onLog: EngineOptions["onLog"];
  readonly onNotice: OnNotice;
}

const SHOW_MS = 100;

export function localBatch<AnyJob extends Job>(
  opened: OpenDirectory,
  id: string,
  job: string,
): Batch<AnyJob> {
  const { directory, engines, here, onNotice } = opened;
  const summary = (): ReturnType<Batch["summary"]> => currentSummary(id, directory);
  const isWorkedOn = (): boolean => lockHolder(directory) !== null;

  /** Loads the job as it is to run from now on. */
  async function prepared(jobFile: string | URL | undefined): Promise<Engine> {
    const engine = await engines.get();
    await loadRecordedJob({ engine, spec: await readSpec(engine.ledger, id), onNotice }, jobFile);
    return engine;
  }

  return batchHandle<AnyJob>({
    id,
    job,
    summary,
    progress(options) {
      const engine = here.has(id) ? engines.current : null;
      return engine
        ? engineProgress({ engine, batch: id, closed: engines.closed, ...options })
        : polledProgress({ summary, isWorkedOn }, options?.signal);
    },
    outputPages: (options) =>
      localOutputs({ directory, batch: id, engine: here.has(id) ? engines.current : null }, options),
    read: (file) => readFileIn(directory, id, file),
    readOutputFile: (file) => readOutputFileIn(directory, id, file),
    cancel: ({ job: jobFile } = {}) => cancelBatch(opened, id, jobFile),
    async *pull(options): AsyncGenerator<PulledPage> {
      let from: number | null = 0;
      while (from !== null) {
        const wanted: WantedChunks = "chunk" in options ? options : { failedFrom: from };
        const page: PullPage = await readDirectory(directory, (ledger) =>
          pullHere(directory, ledger, id, wanted),
        );
        yield pageHere(directory, page);
        from = page.next;
      }
    },
    async redrive({ filter = null, job: jobFile } = {}) {
      const fields = await readDirectory(directory, (ledger) => readBatch(ledger, id));
      if (!fields || !hasEnded(fields)) throw notEnded(id, `fanjoin resume ${id}`);
      const engine = await prepared(jobFile);
      if (!(await engine.redrive(id, filter))) return false;
      here.add(id);
      return true;
    },
    bytes: async () => bytesOf(directory, id),
    async remove() {
      await (await engines.get()).remove(id);
      here.delete(id);
    },
    pause: () => pauseBatch(opened, id),
    set: (settings) => setBatch(opened, id, settings),
    async resume({ job: jobFile } = {}) {
      if (!here.has(id) && (await resumeElsewhere(opened, id))) return;
      const engine = here.has(id) ? await engines.get() : await prepared(jobFile);
      await engine.resume(id);
      here.add(id);
    },
  });
}

function pageHere(directory: string, { of, sources, chunks }: PullPage): PulledPage {
  const parts = chunks.map(({ stored, ...chunk }) => {
    return { ...chunk, read: () => (stored ? bytesHere(directory, stored) : nothing()) };
  });
  return { of, sources, chunks: parts };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

interface EngineBatch extends FollowOptions {
  readonly engine: Engine;
  readonly batch: string;
  readonly closed: Promise<never>;
}

/** Until the batch has ended, or the engine was closed. */
async function* engineProgress({ engine, batch, closed, signal }: EngineBatch): AsyncGenerator<Progress> {
  const finished = engine.finished(batch);
  const isClosed = closed.catch(() => "closed" as const);
  yield engine.progress(batch);
  for (;;) {
    const pause = new AbortController();
    const over = signal === undefined ? pause.signal : AbortSignal.any([pause.signal, signal]);
    const waiting = sleep(SHOW_MS, over).then(() => null);
    waiting.catch(() => undefined);
    const fields = await Promise.race([finished, waiting, isClosed]);
    pause.abort();
    if (fields === "closed") return;
    yield fields ? finalProgress(engine.progress(batch), fields) : engine.progress(batch);
    if (fields) return;
  }
}

/** 100 % unless the batch ended early: some bytes of an input, such as a header, belong to no chunk. */
function finalProgress(progress: Progress, ended: Fields): Progress {
  const { totals } = progress;
  return ended["ending"] === undefined ? { ...progress, units: totals.units } : progress;
}
