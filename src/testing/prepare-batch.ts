/** The batch of a test: its job, its input in memory, and its spec. */
import { itemsInput, jobInput, storeInput } from "../batch/job-input.ts";
import type { JobInput } from "../batch/job-input.ts";
import { batchSpec } from "../batch/new-batch.ts";
import type { BatchSpec } from "../batch/spec.ts";
import { FanjoinError } from "../core/errors/errors.ts";
import type { Json } from "../core/json/json.ts";
import type { Source } from "../input/reader.ts";
import { describeJob } from "../job/describe-job.ts";
import type { Job } from "../job/job.ts";
import { parseParams } from "../job/params.ts";
import type { ObjectStore } from "../ports.ts";
import type { CheckedInput, GivenSource } from "./test-input.ts";
import { memoryStore } from "./memory/store.ts";
import type { MemoryStore } from "./memory/store.ts";

/** The same in every run, so that `ctx.key` of an item is. */
export const TEST_BATCH = "01TESTJ0B00000000000000000";
/** The time of a test stands still here, in milliseconds since the epoch. */
export const TEST_TIME = Date.UTC(2026, 0, 1);
/** Objects are read in blocks of this many bytes. */
export const BLOCK_BYTES = 64 * 1024;

export interface PreparedBatch {
  readonly job: Job;
  readonly spec: BatchSpec;
  /** Has the input. */
  readonly inputs: ObjectStore;
}

/** Settings of a test that belong to its batch. */
export interface BatchSettings {
  readonly params: Json;
  /** Items in a chunk; `null`: as the job says, or learned. */
  readonly chunk: number | null;
}

/** Throws `JOB_INVALID` if the job does not accept the params, and if it does not fit the kind of input. */
export async function prepareBatch(
  job: Job,
  given: CheckedInput,
  { params, chunk }: BatchSettings,
): Promise<PreparedBatch> {
  await parseParams(job, params);
  const inputs = memoryStore(BLOCK_BYTES);
  const described = describeJob(job, { schemas: false });
  const store = (batch: string, text: string) =>
    storeInput({ store: inputs, newTag: () => "input" }, batch, text);
  const input: JobInput =
    "items" in given
      ? itemsInput(given.items, params, store)
      : jobInput({ job: described, sources: await sourcesFor(job, given, inputs), params, store });
  const spec = batchSpec({
    batch: TEST_BATCH,
    job: described,
    input: await input.forBatch(TEST_BATCH),
    options: { params, chunkItems: chunk, chunkBytes: null },
    createdAt: TEST_TIME,
    jobFile: null,
  });
  return { job, spec, inputs };
}

async function sourcesFor(
  { name, input: { kind, own } }: Job,
  given: Exclude<CheckedInput, { readonly items: unknown }>,
  inputs: MemoryStore,
): Promise<Source[]> {
  if ("own" in given) {
    if (own) return [];
    throw new FanjoinError(
      "INPUT_NOT_FOUND",
      `the job ${name} reads ${kind}, and the test gives it nothing: give testJob() { text }, { files }, or its { items }`,
    );
  }
  if (own) {
    throw new FanjoinError(
      "INPUT_INVALID",
      `the job ${name} brings its own input (${kind}): leave out the text or files, or give { items }`,
    );
  }
  return Promise.all(given.sources.map((source, place) => storedSource(source, place, inputs)));
}

async function storedSource(
  { label, content }: GivenSource,
  place: number,
  inputs: MemoryStore,
): Promise<Source> {
  const name = `input/${place}/${label}`;
  inputs.put(name, content);
  const stat = await inputs.stat(name);
  return { name, label, size: stat?.bytes ?? 0, version: stat?.version ?? "" };
}
