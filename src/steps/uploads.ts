/**
 * Starts batches from uploads: an object below `uploads/<job>/` is one batch, however often its event
 * arrives.
 */
import { endBatch, openBatch } from "../core/records/batch/batch.ts";
import type { Failure } from "../core/records/batch/batch.ts";
import { FanjoinError } from "../core/errors/errors.ts";
import { UPLOADS } from "../core/stack/resource-names.ts";
import type { Source } from "../input/reader.ts";
import { specFields } from "../batch/spec.ts";
import type { BatchSpec } from "../batch/spec.ts";
import type { DescribeRemote, DescribedJob } from "../job/describe-job.ts";
import { wakeCoordinator } from "../batch/steering/end.ts";
import { batchSpec } from "../batch/new-batch.ts";
import { fingerprintOf, jobInput, storeInput } from "../batch/job-input.ts";
import type { ObjectStat, Ports } from "../ports.ts";
import { claimToken, submit } from "../batch/submit.ts";

export interface UploadHost {
  readonly ports: Ports;
  readonly describe: DescribeRemote;
  readonly isJob: (name: string) => boolean;
  /** Whether inputs may be read from a bucket: the stack's own, and its readable ones. */
  readonly isInputBucket: (bucket: string) => boolean;
  /** A new id, which sorts by time. */
  readonly newBatch: () => string;
}

/** The outcome of an upload: a batch, or the reason why it was ignored, for the log. */
export type Uploaded =
  | { readonly batch: string; readonly job: string; readonly refused: Failure | null }
  | { readonly ignored: string };

const NO_OPTIONS = { params: null, chunkItems: null, chunkBytes: null };

/**
 * Starts the batch of an object. Rejects only with an error that may pass. An object that can never be read
 * is ignored: its event arrives together with others, which would be delivered again with it.
 */
export async function uploaded(host: UploadHost, object: ObjectCreated): Promise<Uploaded> {
  const { bucket, key } = object;
  if (!host.isInputBucket(bucket))
    return { ignored: `the bucket ${bucket} is neither the stack's own nor one of its readableBuckets` };
  const place = parseKey(key);
  if (typeof place === "string") return { ignored: place };
  const { job, label } = place;
  if (!host.isJob(job)) return { ignored: `this stack has no job ${job}` };
  const name = `s3://${bucket}/${key}`;
  const stat = await statOf(host, name);
  if (stat instanceof FanjoinError) return { ignored: stat.message };
  if (!stat) return { ignored: "the object no longer exists" };
  if (stat.version !== object.version)
    return { ignored: "the object has been replaced; that is another upload" };
  return start(host, job, object, { name, label, size: stat.bytes, version: stat.version });
}

/** The error is a verdict on the object. */
async function statOf({ ports }: UploadHost, name: string): Promise<ObjectStat | FanjoinError | null> {
  try {
    return await ports.store.stat(name);
  } catch (thrown) {
    if (thrown instanceof FanjoinError && !thrown.retryable) return thrown;
    throw thrown;
  }
}

/** Parses `uploads/<job>/<name>`. A string says why the key does not start a batch. */
function parseKey(key: string): { readonly job: string; readonly label: string } | string {
  const [folder, job = "", ...rest] = key.split("/");
  const label = rest.join("/");
  if (folder !== UPLOADS) return `it is not below ${UPLOADS}/`;
  if (key.endsWith("/")) return "it is a folder";
  if (label === "") return `it is not below ${UPLOADS}/<job>/`;
  return { job, label };
}

async function start(
  host: UploadHost,
  job: string,
  object: ObjectCreated,
  source: Source,
): Promise<Uploaded> {
  const { ports, newBatch } = host;
  const { described, refused } = await ask(host.describe, job);
  const hash = await fingerprintOf(object.event);
  const token = { job, id: `upload-${hash}`, input: hash, forever: true } as const;
  const batch = await claimToken(ports, token, newBatch());
  const spec = await specOf(ports, batch, described, source);
  if (refused) await submitEnded(ports, spec, refused);
  else await submit(ports, spec);
  return { batch, job, refused };
}

/** A batch that has failed from the start, so that people see it in the list with the reason. */
async function submitEnded(ports: Ports, spec: BatchSpec, reason: Failure): Promise<void> {
  await ports.ledger.update(openBatch(spec.batch, specFields(spec)));
  await ports.ledger.update(endBatch(spec.batch, "input", reason));
  await wakeCoordinator(ports, spec.batch);
}

async function specOf(ports: Ports, batch: string, job: DescribedJob, source: Source): Promise<BatchSpec> {
  const { forBatch } = jobInput({
    job: { ...job, input: readerOnly(job) },
    sources: [source],
    params: null,
    store: (...text) => storeInput(ports, ...text),
  });
  const made = { createdAt: ports.clock.now(), jobFile: null };
  const spec = batchSpec({ batch, job, input: await forBatch(batch), options: NO_OPTIONS, ...made });
  // Every end on a stack is an event.
  return { ...spec, tells: true };
}

/** The reader without the job's own input. */
function readerOnly({ input: { own: _own, ...reader } }: DescribedJob): DescribedJob["input"] {
  return reader;
}

/** The job, and the reason if it cannot run on an upload. */
async function ask(
  describe: DescribeRemote,
  job: string,
): Promise<{ readonly described: DescribedJob; readonly refused: Failure | null }> {
  try {
    const described = await describe(job, null);
    return { described, refused: described.input.own ? ownInput(job) : null };
  } catch (thrown) {
    if (!(thrown instanceof FanjoinError) || thrown.code !== "JOB_INVALID") throw thrown;
    const { code } = thrown;
    const message = `an upload brings no params: ${thrown.message}. Upload with start: false, and submit a batch with params`;
    return { described: await describe(job), refused: { code, message } };
  }
}

function ownInput(job: string): Failure {
  const message = `job ${job} brings its own items, so an upload cannot give it any: submit a batch instead`;
  return { code: "INPUT_INVALID", message };
}

/** An object that was created. */
export interface ObjectCreated {
  readonly bucket: string;
  /** As the uploader gave it. */
  readonly key: string;
  readonly bytes: number;
  /** As the store's `stat` gives it. */
  readonly version: string;
  /** Identifies this creation: equal for each delivery of its event, and different for every other one. */
  readonly event: readonly string[];
}
