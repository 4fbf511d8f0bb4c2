/** The spec of a batch: what it was submitted with. Its record in the ledger keeps the spec. */
import { batchKey } from "../core/records/batch.ts";
import { deadlineOf } from "../core/records/deadline.ts";
import { limitFields, limitsIn } from "../core/limits/limits.ts";
import type { BatchLimits } from "../core/limits/limits.ts";
import { FanjoinError } from "../core/errors/errors.ts";
import type { Fields } from "../core/records/record.ts";
import type { Json } from "../core/json/json.ts";
import { readerKinds } from "../input/kinds.ts";
import { isMeasured } from "../input/unpack/source-text.ts";
import type { Range, ReaderName, Source } from "../input/reader.ts";
import type { Ledger } from "../ports.ts";
import type { Reproduction } from "./pulled/pulled-chunk.ts";
import type { RedriveFilter } from "../core/failures/redrive-filter.ts";

/** The sources of a batch, and the reader that reads them. */
export interface BatchInput {
  readonly reader: ReaderName;
  readonly options: { readonly [name: string]: Json };
  readonly sources: readonly Source[];
  /** Only the first so many items are run. Absent: all of them. */
  readonly maxItems?: number;
}

/**
 * How many failed items are tolerated, as a number and as a share. `null`: any number. `sample`: a share of
 * at least so many items is judged before the end.
 */
export interface Tolerance {
  readonly count: number | null;
  readonly percent: number | null;
  readonly sample?: number | null;
}

/** So many items that succeeded, such a share of the input, or a time, whichever is first. */
export interface Enough {
  readonly items?: number;
  readonly percent?: number;
  readonly at?: number;
}

/** What a batch was submitted with, and what its redrives add. */
export interface BatchSpec extends BatchLimits {
  readonly batch: string;
  readonly job: string;
  readonly input: BatchInput;
  readonly params: Json;
  readonly chunk: { readonly items: number | null; readonly bytes: number | null };
  /** How many items of a chunk are processed at the same time. Absent: 1. Chunk sizes depend on it. */
  readonly concurrency?: number;
  /** Whether the job collects. Absent: an earlier version submitted the batch. */
  readonly collects?: boolean;
  readonly tolerate: Tolerance;
  /** When the batch has enough. Absent: when all of its input is done. */
  readonly enough?: Enough;
  /** Whether chunks that are slow near the end are run once more. Absent: no. */
  readonly hedge?: boolean;
  /** In milliseconds since the epoch, as are the times below. */
  readonly createdAt: number;
  readonly deadlineAt: number;
  /** When the newest redrive began. */
  readonly redrivenAt?: number;
  /** Which failed items the current redrive does again. Absent: all. */
  readonly redrive?: RedriveFilter;
  /** The file that the job was loaded from. `null` on platforms that load no file. */
  readonly jobFile: string | null;
  /** The hash of the job's code. Absent where it is not known. */
  readonly code?: string;
  /** The batch runs pulled chunks of another one. */
  readonly reproduces?: Reproduction;
  /** On a stack: the batch ends once it has cost more. */
  readonly maxCostUsd?: number;
  /** Its end is news: somebody is told of it (`core/records/news.ts`). */
  readonly tells?: true;
  /** The version of fanjoin that submitted it. Absent: an earlier one did, and did not say so. */
  readonly fanjoin?: string;
  /** How often an item is tried at most, and how long one try may take. Absent as `fanjoin` is. */
  readonly retry?: { readonly attempts: number; readonly timeoutMs: number };
}

/** The fields of a batch's record that keep its spec. */
export function specFields(spec: BatchSpec): Fields {
  const { batch: _batch, tolerate, enough = {}, input, redrive: _redrive, reproduces, ...unlimited } = spec;
  const { rateLimit, inFlight, adaptive, ...rest } = unlimited;
  return {
    ...rest,
    ...limitFields({ rateLimit, inFlight, adaptive }),
    ...(reproduces ? { reproduces: reproduces as unknown as Json } : {}),
    input: storedInput(input),
    // Fields of their own, because the core reads them.
    ...(tolerate.count === null ? {} : { tolerateCount: tolerate.count }),
    ...(tolerate.percent === null ? {} : { toleratePercent: tolerate.percent }),
    ...(typeof tolerate.sample === "number" ? { tolerateSample: tolerate.sample } : {}),
    ...(enough.items === undefined ? {} : { enoughItems: enough.items }),
    ...(enough.percent === undefined ? {} : { enoughPercent: enough.percent }),
    ...(enough.at === undefined ? {} : { enoughAt: enough.at }),
  };
}

/**
 * The reader of a stored input that has a limit. An older fanjoin has no reader of this name: it refuses the
 * batch, where it would else run all items of the input.
 */
export const LIMITED = "first";

/** An input as the record has it. `of`: the reader of an input that has a limit. */
type StoredInput =
  | BatchInput
  | (Omit<BatchInput, "reader"> & { readonly reader: typeof LIMITED; readonly of: ReaderName });

function storedInput({ reader, options, sources, maxItems }: BatchInput): Fields {
  const rest = { options, sources: sources.map((source) => ({ ...source })) };
  return maxItems === undefined ? { reader, ...rest } : { reader: LIMITED, of: reader, maxItems, ...rest };
}

function parseInput(stored: StoredInput): BatchInput {
  if (stored.reader !== LIMITED) return stored;
  const { of: reader, ...input } = stored;
  return { ...input, reader };
}

/** The spec in a batch's record. Only `specFields` writes it, so its shape is not checked. */
export function parseSpec(batch: string, fields: Fields | null): BatchSpec {
  if (!fields) throw unknownBatch(batch);
  const stored = fields as unknown as Omit<BatchSpec, "batch" | "tolerate" | "enough" | "input"> & {
    input: StoredInput;
    tolerateCount?: number;
    toleratePercent?: number;
    tolerateSample?: number;
    enoughItems?: number;
    enoughPercent?: number;
    enoughAt?: number;
  };
  const { tolerateSample: sample, enoughItems, enoughPercent, enoughAt } = stored;
  const enough = {
    ...(enoughItems === undefined ? {} : { items: enoughItems }),
    ...(enoughPercent === undefined ? {} : { percent: enoughPercent }),
    ...(enoughAt === undefined ? {} : { at: enoughAt }),
  };
  return {
    batch,
    job: stored.job,
    input: parseInput(stored.input),
    params: stored.params,
    chunk: stored.chunk,
    ...(stored.concurrency === undefined ? {} : { concurrency: stored.concurrency }),
    ...(stored.collects === undefined ? {} : { collects: stored.collects }),
    ...limitsIn(fields),
    tolerate: {
      count: stored.tolerateCount ?? null,
      percent: stored.toleratePercent ?? null,
      ...(sample === undefined ? {} : { sample }),
    },
    ...(Object.keys(enough).length === 0 ? {} : { enough }),
    ...(stored.hedge === undefined ? {} : { hedge: stored.hedge }),
    createdAt: stored.createdAt,
    deadlineAt: deadlineOf(fields),
    ...(stored.redrivenAt === undefined ? {} : { redrivenAt: stored.redrivenAt }),
    ...(stored.redrive ? { redrive: stored.redrive } : {}),
    jobFile: stored.jobFile,
    ...(stored.code === undefined ? {} : { code: stored.code }),
    ...(stored.reproduces === undefined ? {} : { reproduces: stored.reproduces }),
    ...(stored.maxCostUsd === undefined ? {} : { maxCostUsd: stored.maxCostUsd }),
    ...(stored.tells === true ? { tells: true } : {}),
    ...(stored.fanjoin === undefined ? {} : { fanjoin: stored.fanjoin }),
    ...(stored.retry === undefined ? {} : { retry: stored.retry }),
  };
}

export function unknownBatch(batch: string): FanjoinError {
  return new FanjoinError(
    "BATCH_UNKNOWN",
    `there is no batch ${batch} here: \`fanjoin list\` shows the batches`,
  );
}

/** The record of a batch, `null` if there is none. */
export async function readBatch(ledger: Pick<Ledger, "read">, batch: string): Promise<Fields | null> {
  const [fields = null] = await ledger.read([batchKey(batch)]);
  return fields;
}

/** Throws `BATCH_UNKNOWN`. */
export async function readSpec(ledger: Pick<Ledger, "read">, batch: string): Promise<BatchSpec> {
  return parseSpec(batch, await readBatch(ledger, batch));
}

/**
 * How much is to be planned after the range `last`, in the reader's unit. `null` if nothing is, or if that is
 * known only after reading.
 */
export function unitsAfter(input: BatchInput, last: Range | null): number | null {
  const all = unitsOf(input);
  if (all === null) return null;
  const before = sizeOf(input.sources.slice(0, last?.source ?? 0)) + (last?.end ?? 0);
  return before < all ? all - before : null;
}

/**
 * The size of the whole input, or of its first items if there is a limit, in the reader's unit. `null` if it
 * is known only after reading.
 */
export function unitsOf({ reader, options, sources, maxItems }: BatchInput): number | null {
  const kind = readerKinds[reader];
  if (!sources.every((source) => isMeasured(kind, source, options))) return null;
  if (maxItems === undefined) return sizeOf(sources);
  return kind.indexed ? Math.min(maxItems, sizeOf(sources)) : null;
}

function sizeOf(sources: readonly Source[]): number {
  return sources.reduce((sum, { size }) => sum + size, 0);
}
