/** The API's host on one machine: an engine, and folders in place of a bucket. */
import { ulid } from "ulid";
import { FanjoinError } from "../../core/errors.ts";
import { committedLedger } from "../../local/engine/committed-ledger.ts";
import type { Engine } from "../../local/engine/engine.ts";
import { createLocalStore } from "../../local/store/store.ts";
import type { ApiHost } from "../../api/host.ts";
import { SHAPES } from "../../api/handlers/show-file.ts";
import { readSpec } from "../../batch/spec.ts";
import { loadJobOf } from "../local/load-job.ts";
import { signedPath } from "./access.ts";
import type { Permit } from "./access.ts";
import type { LocalBucket } from "./local-bucket.ts";
import { watchedFiles } from "./job-files.ts";

export interface DevHostOptions {
  readonly directory: string;
  readonly engine: Engine;
  /** Job files by the names of their jobs. */
  readonly files: ReadonlyMap<string, string>;
  readonly bucket: LocalBucket;
  readonly token: string;
  /** Where the server is, known once it listens. */
  readonly base: () => string;
  /** Told of every batch that begins to run here. */
  readonly onRunning: (batch: string, job: string) => void;
  readonly report: (error: unknown) => void;
}

const READ_MS = 15 * 60 * 1000;
const WRITE_MS = 60 * 60 * 1000;

export interface DevHost extends ApiHost {
  /** Goes on with a batch that an earlier start left. */
  resume(batch: string): Promise<void>;
}

export function devHost(options: DevHostOptions): DevHost {
  const { engine, directory, files, bucket, token, base, onRunning, report } = options;
  const store = createLocalStore({ directory, segmentName: "dev" });
  const ledger = committedLedger(engine, directory);
  const jobFiles = watchedFiles(engine, files.values());
  const sign = (permit: Permit): string => base() + signedPath(permit, token);

  return {
    ledger,
    store,
    jobs: [...files.keys()].toSorted(),
    async describe(job, params) {
      const file = fileOf(files, job);
      if (jobFiles.isChanged(file)) await jobFiles.reload(file);
      const described = await engine.describe(file, params);
      if (described.name === job) return described;
      throw new FanjoinError(
        "JOB_INVALID",
        `${file} is the job ${described.name} now: start fanjoin dev again`,
      );
    },
    objectName: (url) => bucket.fileOf(url),
    listObjects: async (url, limit) => bucket.list(url, limit),
    storeInput: (batch, text) => engine.storeInput(batch, text),
    async submit(spec) {
      await engine.submit({ ...spec, jobFile: fileOf(files, spec.job) });
      onRunning(spec.batch, spec.job);
    },
    cancel: (batch) => engine.cancel(batch),
    async redrive(batch, filter) {
      const { jobFile } = await readSpec(ledger, batch);
      // What it imports may have changed, too.
      if (jobFile !== null) await jobFiles.reload(jobFile);
      await loadJobOf(engine, batch);
      const begun = await engine.redrive(batch, filter);
      if (begun) onRunning(batch, (await readSpec(ledger, batch)).job);
      return begun;
    },
    async resume(batch) {
      await loadJobOf(engine, batch);
      await engine.resume(batch);
      onRunning(batch, (await readSpec(ledger, batch)).job);
    },
    fileName: (batch, file) => `batches/${batch}/${file}.${SHAPES[file].ending}`,
    signedGet: async (name, how) => sign({ method: "GET", name, expiresAt: Date.now() + READ_MS, ...how }),
    async signedPut(name) {
      const expiresAt = Date.now() + WRITE_MS;
      const url = sign({ method: "PUT", name, expiresAt, type: "", saveAs: "" });
      return { url, object: bucket.urlOf(name), expiresAt };
    },
    newBatch: () => ulid(),
    now: Date.now,
    report,
  };
}

function fileOf(files: DevHostOptions["files"], job: string): string {
  const file = files.get(job);
  if (file !== undefined) return file;
  throw new FanjoinError("JOB_UNKNOWN", `fanjoin dev was started without the job ${job}`);
}
