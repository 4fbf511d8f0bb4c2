/** The spec of a batch: what it was submitted with. Its record in the ledger keeps the spec. */
import { batchKey } from "../core/records/batch/batch.ts";
import { deadlineOf } from "../core/records/batch/bounds/deadline.ts";
import { UNLISTED } from "../core/records/batch/listing.ts";
import { limitFields, limitsIn } from "../core/limits/limits.ts";
import type { BatchLimits } from "../core/limits/limits.ts";
import { FanjoinError } from "../core/errors/errors.ts";
import type { Fields } from "../core/records/record.ts";
import type { Json } from "../core/json/json.ts";
import type { ReaderName, Source } from "../input/reader.ts";
import type { ListObject } from "../input/sources/source-list.ts";
import type { Ledger } from "../ports.ts";
import type { Reproduction } from "./pulled/pulled-chunk.ts";
import type { RedriveFilter } from "../core/failures/redrive-filter.ts";

/** A job that collects by key. An older fanjoin would write its outputs in order: it refuses the batch. */
export const BY_KEY = "by key";

/** The sources of a batch, and the reader that reads them. */
export interface BatchInput {
  readonly reader: ReaderName;
  readonly options: { readonly [name: string]: Json };
  /** None beside `list` and `from`. */
  readonly sources: readonly Source[];
  /** Where the sources are, if there are many. */
  readonly list?: StoredList;
  /** One chunk may hold several of the sources. */
  readonly runs?: boolean;
  /** The objects that the sources are, until the coordinator has listed them. */
  readonly from?: NamedObjects;
  /** Only the first so many items are run. Absent: all of them. */
  readonly maxItems?: number;
  /** The size of the whole input in the reader's unit, where it was measured: see `measured-input.ts`. */
  readonly units?: number;
}

/** Sources as an object in the store. */
export interface StoredList extends ListObject {
  /** The sum of their sizes, and the size of the last one. */
  readonly bytes: number;
  readonly lastBytes: number;
  /** Whether the sizes are those of the text to be read. */
  readonly measured: boolean;
}

/** All objects below a prefix, or those that a manifest lists. */
export type NamedObjects = { readonly prefix: string } | { readonly manifest: Source };

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
  readonly collects?: boolean | typeof BY_KEY;
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
  /** Its end is news: somebody is told of it (`core/records/batch/news.ts`). */
  readonly tells?: true;
  /** The W3C `traceparent` of its submission: its spans go on in that trace. */
  readonly trace?: string;
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
    ...(input.from === undefined ? {} : UNLISTED),
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

/**
 * The reader of a stored input whose sources are not in the record, or are put together in chunks. An older
 * fanjoin refuses it, too.
 */
export const MANY = "many";

/** An input as the record has it. `of`: the reader of an input that has a limit, or many sources. */
type StoredInput =
  | BatchInput
  | (Omit<BatchInput, "reader"> & { readonly reader: typeof LIMITED | typeof MANY; readonly of: ReaderName });

export function storedInput(input: BatchInput): Fields {
  const { reader, options, sources, list, runs, from, maxItems, units } = input;
  const more = {
    ...(units === undefined ? {} : { units }),
    ...(runs ? { runs } : {}),
    ...(list === undefined ? {} : { list: { ...list } }),
    ...(from === undefined ? {} : { from: from as unknown as Json }),
    ...(maxItems === undefined ? {} : { maxItems }),
  };
  const rest = { options, sources: sources.map((source) => ({ ...source })), ...more };
  if (list !== undefined || from !== undefined || runs) return { reader: MANY, of: reader, ...rest };
  return maxItems === undefined ? { reader, ...rest } : { reader: LIMITED, of: reader, ...rest };
}

function parseInput(stored: StoredInput): BatchInput {
  if (!("of" in stored)) return stored;
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
    ...submitterIn(stored),
  };
}

function submitterIn({
  trace,
  fanjoin,
  retry,
}: Pick<BatchSpec, "trace" | "fanjoin" | "retry">): Partial<BatchSpec> {
  return {
    ...(trace === undefined ? {} : { trace }),
    ...(fanjoin === undefined ? {} : { fanjoin }),
    ...(retry === undefined ? {} : { retry }),
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
