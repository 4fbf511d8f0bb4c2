/**
 * A file below `uploads/<job>/` starts a batch: once, however often it is seen, unless it is another one by
 * then.
 */
import { statSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { FanjoinError } from "../../core/errors.ts";
import { statOf } from "../../local/store/open-file.ts";
import { readBatch } from "../../batch/spec.ts";
import { batchSpec } from "../../batch/new-batch.ts";
import { fingerprintOf, jobInput } from "../../batch/job-input.ts";
import { claimToken } from "../../batch/submit.ts";
import type { ApiHost } from "../../api/host.ts";

const NO_OPTIONS = { params: null, chunkItems: null, chunkBytes: null };

/**
 * `label`: the path below the folder of the job. The new batch; `null` if this file has one, or is gone.
 * Throws a `FanjoinError` that says why there can be none.
 */
export async function startUpload(
  host: ApiHost,
  job: string,
  label: string,
  path: string,
): Promise<string | null> {
  if (!host.jobs.includes(job)) throw new FanjoinError("JOB_UNKNOWN", `there is no job ${job} here`);
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (!stats?.isFile()) return null;
  const { bytes, version } = statOf(stats);
  const input = await fingerprintOf({ job, label, version });
  // No id of a request has a slash.
  const batch = await claimToken(host, { job, id: `upload/${input}`, input }, host.newBatch());
  if (await readBatch(host.ledger, batch)) return null;
  const described = await host.describe(job, null);
  if (described.input.own)
    throw new FanjoinError(
      "INPUT_INVALID",
      `the job ${job} brings its own input: a file has nothing to say to it`,
    );
  const source = { name: pathToFileURL(path).href, label, size: bytes, version };
  const { forBatch } = jobInput({ job: described, sources: [source], params: null, store: host.storeInput });
  const made = { input: await forBatch(batch), createdAt: host.now(), jobFile: null };
  await host.submit(batchSpec({ batch, job: described, options: NO_OPTIONS, ...made }));
  return batch;
}
