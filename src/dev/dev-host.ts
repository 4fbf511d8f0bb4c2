/**
 * The API's host on one machine: an engine instead of queues and functions, and folders instead of a bucket.
 */
import { ulid } from "ulid";
import { FanjoinError } from "../core/errors/errors.ts";
import { setTimeout as sleep } from "node:timers/promises";
import { readHistory } from "../local/directory/files/history-file.ts";
import { committedLedger } from "../local/engine/pumping/committed-ledger.ts";
import type { Engine } from "../local/engine/engine.ts";
import { pullHere } from "../local/directory/pull-here.ts";
import { createLocalStore } from "../local/store/store.ts";
import type { ApiHost } from "../api/host.ts";
import { FILE_FORMATS } from "../api/handlers/show-file.ts";
import { NO_PACE } from "../batch/summary/pace.ts";
import { readSpec } from "../batch/spec.ts";
import { loadAgain } from "../open/load-job.ts";
import { failedForCallers, isFailedList } from "./failed-for-callers.ts";
import { signedPath } from "./http/access.ts";
import type { Permit } from "./http/access.ts";
import type { LocalBucket } from "./local-bucket.ts";
import { watchedFiles } from "./job-files.ts";

export interface DevHostOptions {
  readonly directory: string;
  readonly engine: Engine;
  /** Job files by job name. */
  readonly files: ReadonlyMap<string, string>;
  readonly bucket: LocalBucket;
  readonly token: string;
  /** The URL of the server, known once it listens. */
  readonly base: () => string;
  /** Called for every batch that begins to run. */
  readonly onRunning: (batch: string, job: string) => void;
  readonly onNotice: (line: string) => void;
  readonly report: (error: unknown) => void;
  readonly forCallers: (message: string) => string;
}

/** How long signed URLs are valid. */
const READ_MS = 15 * 60 * 1000;
const WRITE_MS = 60 * 60 * 1000;

export interface DevHost extends ApiHost {
  /** Continues an unfinished batch of an earlier start. A paused one stays paused. */
  takeUp(batch: string): Promise<void>;
}

export function devHost(options: DevHostOptions): DevHost {
  const { engine, directory, files, bucket, token, base, onRunning, onNotice, report, forCallers } = options;
  const store = createLocalStore({ directory, segmentName: "dev" });
  const ledger = committedLedger(engine, directory);
  const jobFiles = watchedFiles(engine, files.values());
  const sign = (permit: Permit): string => base() + signedPath(permit, token);

  async function takeUp(batch: string): Promise<void> {
    const spec = await readSpec(ledger, batch);
    await loadAgain({ engine, spec, file: fileOf(files, spec.job), onNotice });
    await engine.takeUp(batch);
    onRunning(batch, spec.job);
  }

  return {
    ledger,
    store: {
      stat: (name) => store.stat(name),
      read(name, start, end, version) {
        const content = store.read(name, start, end, version);
        return isFailedList(name) ? failedForCallers(content, forCallers) : content;
      },
    },
    jobs: [...files.keys()].toSorted(),
    async describe(job, params) {
      const file = fileOf(files, job);
      if (jobFiles.isChanged(file)) await jobFiles.reload(file);
      const described = await engine.describe(file, params);
      if (described.name === job) return described;
      throw new FanjoinError(
        "JOB_INVALID",
        `the job file ${file} now has the name ${described.name}: start fanjoin dev again`,
      );
    },
    loaded(job) {
      const file = fileOf(files, job);
      return { file, at: jobFiles.loadedAt(file) };
    },
    objectName: (url) => bucket.fileOf(url),
    checkPrefix: (url) => bucket.checkPrefix(url),
    storeInput: (batch, text) => engine.storeInput(batch, text),
    async submit(spec) {
      await engine.submit({ ...spec, jobFile: fileOf(files, spec.job) });
      onRunning(spec.batch, spec.job);
    },
    cancel: (batch) => engine.cancel(batch),
    pause: (batch) => engine.pause(batch),
    refusedSettings: {},
    refusesMaxCost: "nothing is charged on this machine: only a stack on AWS limits what a batch costs",
    set: (batch, settings) => engine.set(batch, settings),
    async resume(batch) {
      if (!engine.isWorkedOn(batch)) await takeUp(batch);
      return engine.resume(batch);
    },
    remove: (batch) => engine.remove(batch),
    isWorkedOn: (batch) => engine.isWorkedOn(batch),
    pace: (batch) => engine.pace(batch) ?? NO_PACE,
    seen: async (batch) => engine.seen(batch) ?? readHistory(directory, batch),
    readList: (name, start, end) => store.read(name, start, end),
    latest: engine.ledger,
    wait: (ms) => sleep(ms, undefined, { ref: false }),
    async redrive(batch, filter) {
      const spec = await readSpec(ledger, batch);
      const file = fileOf(files, spec.job);
      // Reloaded even if the file is unchanged, because its imports may have changed.
      await jobFiles.reload(file);
      await loadAgain({ engine, spec, file, onNotice });
      const begun = await engine.redrive(batch, filter);
      if (begun) onRunning(batch, spec.job);
      return begun;
    },
    takeUp,
    fileName: (batch, file) => `batches/${batch}/${file}.${FILE_FORMATS[file].ending}`,
    chunksToPull: (batch, wanted) => pullHere(directory, ledger, batch, wanted),
    signedGet: async (name, options) =>
      sign({ method: "GET", name, expiresAt: Date.now() + READ_MS, ...options }),
    async signedPut(name) {
      const expiresAt = Date.now() + WRITE_MS;
      const url = sign({ method: "PUT", name, expiresAt, type: "", saveAs: "" });
      return { url, object: bucket.urlOf(name), expiresAt };
    },
    newBatch: () => ulid(),
    now: Date.now,
    report,
    forCallers,
  };
}

function fileOf(files: DevHostOptions["files"], job: string): string {
  const file = files.get(job);
  if (file !== undefined) return file;
  throw new FanjoinError(
    "JOB_UNKNOWN",
    `fanjoin dev was started without the job ${job}: start it again with the job file`,
  );
}
