/** Starts a batch for a file below `uploads/<job>/`: one for each version of the file. */
import { lstatSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { ApiHost } from "../api/host.ts";
import { fingerprintOf, jobInput } from "../batch/job-input.ts";
import { batchSpec } from "../batch/new-batch.ts";
import { readBatch } from "../batch/spec.ts";
import { claimToken } from "../batch/submit.ts";
import { FanjoinError } from "../core/errors/errors.ts";
import type { Source } from "../input/reader.ts";
import { sealedSource } from "../find-inputs/file-version.ts";
import { statOf } from "../local/store/open-file.ts";

const NO_OPTIONS = { params: null, chunkItems: null, chunkBytes: null };

export interface UploadedFile {
  readonly job: string;
  /** The path below the folder of the job. */
  readonly label: string;
  readonly path: string;
}

/**
 * Returns the id of the new batch; `null` if this version of the file has a batch already, or the file is
 * gone. Throws a `FanjoinError` if the file cannot be the input of a batch.
 */
export async function startUpload(host: ApiHost, { job, label, path }: UploadedFile): Promise<string | null> {
  if (!host.jobs.includes(job)) throw new FanjoinError("JOB_UNKNOWN", `there is no job ${job} here`);
  const source = sourceAt(path, label);
  if (source === null) return null;
  const input = await fingerprintOf({ job, label, version: source.version });
  // The id of a request has no slash, so this token is never that of a request.
  const batch = await claimToken(host, { job, id: `upload/${input}`, input }, host.newBatch());
  if (await readBatch(host.ledger, batch)) return null;
  await submit(host, job, batch, sealedSource(path, source));
  return batch;
}

/** `null` if there is no file. A link is not followed. */
function sourceAt(path: string, label: string): Source | null {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (!stats?.isFile()) return null;
  const { bytes, version } = statOf(stats);
  return { name: pathToFileURL(path).href, label, size: bytes, version };
}

async function submit(host: ApiHost, job: string, batch: string, source: Source): Promise<void> {
  const described = await host.describe(job, null);
  if (described.input.own)
    throw new FanjoinError("INPUT_INVALID", `the job ${job} brings its own input and does not read files`);
  const { forBatch } = jobInput({ job: described, sources: [source], params: null, store: host.storeInput });
  const origin = { createdAt: host.now(), jobFile: null };
  const input = await forBatch(batch);
  await host.submit(batchSpec({ batch, job: described, input, options: NO_OPTIONS, ...origin }));
}
