/**
 * A batch made of a job, its input and what was asked for beside: what the command line, the API and an
 * upload submit.
 */
import type { Json } from "../core/json.ts";
import { fileList } from "../input/files/file-list.ts";
import type { Source } from "../input/reader.ts";
import type { BatchInput, BatchSpec } from "./spec.ts";
import type { DescribedJob } from "../job/describe-job.ts";
import type { Ports } from "../ports.ts";

export interface BatchOptions {
  readonly params: Json;
  readonly chunkItems: number | null;
  readonly chunkBytes: number | null;
}

/** Text in the store that is the input of a batch: `name` is for `Source.name`. */
export interface StoredInput {
  readonly name: string;
  readonly bytes: number;
  readonly version: string;
}

/** Puts text into the store as the input of a batch: inline items, a list of files. */
export type StoreInput = (batch: string, text: string) => Promise<StoredInput>;

/**
 * Under a name of its own: two requests with one idempotency token may write the same batch's input at the
 * same time.
 */
export async function storeInput(
  { store, newTag }: Pick<Ports, "store" | "newTag">,
  batch: string,
  text: string,
): Promise<StoredInput> {
  const name = `batches/${batch}/input-${newTag()}.jsonl`;
  await store.compose(name, one({ text }));
  const stat = await store.stat(name);
  if (!stat) throw new Error(`${name} was written and is not there`);
  return { name, ...stat };
}

async function* one<T>(value: T): AsyncGenerator<T> {
  yield value;
}

export interface JobInput {
  /** The input of a batch, whose place is not known before that has an id. */
  readonly place: (batch: string) => Promise<BatchInput>;
  /** The same for the same input. */
  readonly fingerprint: () => Promise<string>;
}

/**
 * The input of a batch: `given` by whoever submits it, or what the job brings itself. `standardInput`: the
 * fingerprint of the source that was standard input.
 */
export function jobInput(
  job: DescribedJob,
  given: readonly Source[],
  params: Json,
  store: StoreInput,
  standardInput: string | null = null,
): JobInput {
  const { kind: reader, options, own } = job.input;
  const placed = (sources: readonly Source[]): JobInput => ({
    place: async () => ({ reader, options, sources }),
    fingerprint: () =>
      fingerprintOf({
        reader,
        options,
        params,
        sources: sources.map(({ name, label, version }) =>
          label === "-" ? { name: label, version: standardInput } : { name, version },
        ),
      }),
  });
  if (reader === "files") return { ...placed(given), place: (batch) => placeList(batch, job, given, store) };
  if (!own) return placed(given);
  if ("from" in own) return placed([{ name: "", label: "range", size: own.to - own.from, version: "" }]);
  if ("generated" in own) return placed([{ name: "", label: "generator", size: 0, version: "" }]);
  return itemsInput(own.items, params, store);
}

/** Items that are given as values: they are read as such, whatever the reader of the job is. */
export function itemsInput(items: readonly unknown[], params: Json, store: StoreInput): JobInput {
  const how = { reader: "items", options: {} } as const;
  const text = itemLines(items);
  return {
    async place(batch) {
      const { name, bytes, version } = await store(batch, text);
      return { ...how, sources: [{ name, label: "items", size: bytes, version }] };
    },
    fingerprint: () => fingerprintOf({ ...how, params, text }),
  };
}

function itemLines(items: readonly unknown[]): string {
  return items.map((item) => `${JSON.stringify(item ?? null)}\n`).join("");
}

/** However many files there are, the batch has one source: the list of them. */
async function placeList(
  batch: string,
  { input: { kind: reader, options } }: DescribedJob,
  files: readonly Source[],
  store: StoreInput,
): Promise<BatchInput> {
  const { name, version } = await store(batch, fileList(files));
  return { reader, options, sources: [{ name, label: "files", size: files.length, version }] };
}

/** SHA-256 of the content as JSON. */
export async function fingerprintOf(content: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(content));
  return Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("base64url");
}

/** `jobFile`: where the job was loaded from, on a machine where that is a file. */
export function batchSpec(
  batch: string,
  job: DescribedJob,
  input: BatchInput,
  { params, chunkItems, chunkBytes }: BatchOptions,
  { createdAt, jobFile }: Pick<BatchSpec, "createdAt" | "jobFile">,
): BatchSpec {
  const { chunk, concurrency, tolerate, deadlineMs } = job.options;
  return {
    batch,
    job: job.name,
    input,
    params,
    chunk: { items: chunkItems ?? chunk.items, bytes: chunkBytes ?? chunk.bytes },
    concurrency,
    tolerate,
    createdAt,
    deadlineAt: createdAt + deadlineMs,
    jobFile,
  };
}
