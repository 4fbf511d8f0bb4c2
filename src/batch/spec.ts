/** A batch as it is submitted, and its record as the steps read it. */
import { batchKey } from "../core/records/batch.ts";
import { FanjoinError } from "../core/errors.ts";
import type { Fields } from "../core/records/record.ts";
import type { Json } from "../core/json.ts";
import { readerKinds } from "../input/kinds.ts";
import { isMeasured } from "../input/unpack/source-text.ts";
import type { Range, ReaderName, Source } from "../input/reader.ts";
import type { Ledger } from "../ports.ts";
import type { RedriveFilter } from "../core/redrive-filter.ts";

/** What a batch reads, with which reader. */
export interface BatchInput {
  readonly reader: ReaderName;
  readonly options: { readonly [name: string]: Json };
  readonly sources: readonly Source[];
}

/** What the steps need to know of a batch. */
export interface BatchSpec {
  readonly batch: string;
  readonly job: string;
  readonly input: BatchInput;
  readonly params: Json;
  readonly chunk: { readonly items: number | null; readonly bytes: number | null };
  /** Items of a chunk that are processed at the same time, for the size of chunks; 1 if it is not known. */
  readonly concurrency?: number;
  /** Failed items that are tolerated; `null` = any number. */
  readonly tolerate: { readonly count: number | null; readonly percent: number | null };
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly deadlineAt: number;
  /** When the newest redrive began. */
  readonly redrivenAt?: number;
  /** What the redrive that is under way does again. */
  readonly redrive?: RedriveFilter;
  /** Where the job was loaded from, on a machine where that is a file. */
  readonly jobFile: string | null;
}

export function specFields(spec: BatchSpec): Fields {
  const { batch: _batch, tolerate, input, redrive: _redrive, ...rest } = spec;
  return {
    ...rest,
    input: { ...input, sources: input.sources.map((source) => ({ ...source })) },
    // Read by the core, which decides by them.
    ...(tolerate.count === null ? {} : { tolerateCount: tolerate.count }),
    ...(tolerate.percent === null ? {} : { toleratePercent: tolerate.percent }),
  };
}

/** The spec in a batch's record. Only `specFields` writes them, so the shapes are what it wrote. */
export function parseSpec(batch: string, fields: Fields | null): BatchSpec {
  if (!fields) throw unknownBatch(batch);
  const of = fields as unknown as Omit<BatchSpec, "batch" | "tolerate"> & {
    tolerateCount?: number;
    toleratePercent?: number;
  };
  return {
    batch,
    job: of.job,
    input: of.input,
    params: of.params,
    chunk: of.chunk,
    ...(of.concurrency === undefined ? {} : { concurrency: of.concurrency }),
    tolerate: { count: of.tolerateCount ?? null, percent: of.toleratePercent ?? null },
    createdAt: of.createdAt,
    deadlineAt: of.deadlineAt,
    ...(of.redrivenAt === undefined ? {} : { redrivenAt: of.redrivenAt }),
    ...(of.redrive ? { redrive: of.redrive } : {}),
    jobFile: of.jobFile,
  };
}

export function unknownBatch(batch: string): FanjoinError {
  return new FanjoinError(
    "BATCH_UNKNOWN",
    `there is no batch ${batch} here: \`fanjoin list\` shows those there are`,
  );
}

export async function readBatch(ledger: Pick<Ledger, "read">, batch: string): Promise<Fields | null> {
  const [fields = null] = await ledger.read([batchKey(batch)]);
  return fields;
}

/** Throws `BATCH_UNKNOWN`. */
export async function readSpec(ledger: Pick<Ledger, "read">, batch: string): Promise<BatchSpec> {
  return parseSpec(batch, await readBatch(ledger, batch));
}

/**
 * How much is not planned yet after `last`, in the reader's unit; `null` where the sources do not say how
 * large they are.
 */
export function unitsAfter(input: BatchInput, last: Range | null): number | null {
  if (unitsOf(input) === null) return null;
  const later = input.sources.slice(last?.source ?? 0).reduce((sum, { size }) => sum + size, 0);
  const left = later - (last?.end ?? 0);
  return left > 0 ? left : null;
}

/** How much there is to read, in the reader's unit; `null` if that shows only when it is read. */
export function unitsOf({ reader, options, sources }: BatchInput): number | null {
  const kind = readerKinds[reader];
  if (!sources.every((source) => isMeasured(kind, source, options))) return null;
  return sources.reduce((sum, { size }) => sum + size, 0);
}
