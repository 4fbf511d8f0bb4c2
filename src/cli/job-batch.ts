/** A batch made of a job, its input and the options of the command line. */
import { createHash } from "node:crypto";
import type { Json } from "../core/record.ts";
import { fileList } from "../input/file-list.ts";
import type { Source } from "../input/reader.ts";
import type { Engine, JobDescription } from "../local/engine.ts";
import type { BatchInput, BatchSpec } from "../steps/batch.ts";
import { usage } from "./error-text.ts";

export interface BatchOptions {
  readonly params: Json;
  readonly chunkItems: number | null;
  readonly chunkBytes: number | null;
}

/** Input whose place is not known before the batch has an id. */
type Place = (batch: string) => Promise<BatchInput>;

export interface JobInput {
  readonly place: Place;
  /** The same for the same input. */
  readonly fingerprint: string;
}

/** Throws `USAGE` if the job wants files and none are `given`, or the other way round. */
export function checkGiven({ name, input }: JobDescription, given: readonly Source[]): void {
  const { kind, own } = input;
  if (own && given.length > 0) {
    throw usage(
      `the job ${name} brings its own input (${kind}): leave out ${given[0]?.label ?? "the input"}`,
    );
  }
  if (own || given.length > 0) return;
  throw usage(
    `the job ${name} reads ${kind}: name a file, a directory or a glob after the job, or - for standard input`,
  );
}

/** `given`: the files of the command line; `standardInput`: the fingerprint of the one that was standard input. */
export function jobInput(
  job: JobDescription,
  given: readonly Source[],
  params: Json,
  engine: Pick<Engine, "storeInput">,
  standardInput: string | null = null,
): JobInput {
  checkGiven(job, given);
  const { kind: reader, options, own } = job.input;
  const placed = (sources: readonly Source[]): JobInput => ({
    place: async () => ({ reader, options, sources }),
    fingerprint: fingerprintOf({
      reader,
      options,
      params,
      sources: sources.map(({ name, label, version }) =>
        label === "-" ? { name: label, version: standardInput } : { name, version },
      ),
    }),
  });
  if (reader === "files") return { ...placed(given), place: (batch) => placeList(batch, job, given, engine) };
  if (!own) return placed(given);
  if ("from" in own) return placed([{ name: "", label: "range", size: own.to - own.from, version: "" }]);
  if ("generated" in own) return placed([{ name: "", label: "generator", size: 0, version: "" }]);
  const text = own.items.map((item) => `${JSON.stringify(item ?? null)}\n`).join("");
  return {
    async place(batch) {
      const { name, bytes, version } = await engine.storeInput(batch, text);
      return { reader, options, sources: [{ name, label: "items", size: bytes, version }] };
    },
    fingerprint: fingerprintOf({ reader, options, params, text }),
  };
}

/** However many files there are, the batch has one source: the list of them. */
async function placeList(
  batch: string,
  { input: { kind: reader, options } }: JobDescription,
  files: readonly Source[],
  engine: Pick<Engine, "storeInput">,
): Promise<BatchInput> {
  const { name, version } = await engine.storeInput(batch, fileList(files));
  return { reader, options, sources: [{ name, label: "files", size: files.length, version }] };
}

function fingerprintOf(content: unknown): string {
  return createHash("sha256").update(JSON.stringify(content)).digest("base64url");
}

export function batchSpec(
  batch: string,
  job: JobDescription,
  input: BatchInput,
  { params, chunkItems, chunkBytes }: BatchOptions,
  createdAt: number,
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
    jobFile: job.file,
  };
}
