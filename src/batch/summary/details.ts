/** What a batch was started with, for people to see. */
import { withoutSecrets, withoutUser } from "../../core/json/hidden.ts";
import type { Json } from "../../core/json/json.ts";
import type { BatchLimits } from "../../core/limits/limits.ts";
import { readerKinds } from "../../input/kinds.ts";
import { sizeOf } from "../sources.ts";
import type { BatchInput, BatchSpec } from "../spec.ts";

/** The unit of sizes, and of `units` in a batch's progress. */
export type InputUnit = "bytes" | "items" | "files";

export interface BatchDetails {
  /** Whether the engine of this machine runs the batch, or a stack. */
  readonly where: "machine" | "aws";
  readonly input: {
    readonly reader: string;
    readonly unit: InputUnit;
    /** Of the whole input, in that unit. `null`: known only after reading. */
    readonly size: number | null;
    /**
     * The first ones; none of a list that is an object of its own. `size` is `null` for items that the job
     * makes itself.
     */
    readonly sources: readonly { readonly name: string; readonly size: number | null }[];
    /** How many sources there are in all. */
    readonly count: number;
  };
  /** Without what looks like a secret. */
  readonly params: Json;
  /** The file that the job was loaded from. `null` on AWS. */
  readonly jobFile: string | null;
  /** A hash of the job's code, shortened. `null`: not known. */
  readonly jobVersion: string | null;
  /** The version of fanjoin that submitted the batch. `null`: not known. */
  readonly fanjoin: string | null;
  /** How many threads run chunks of its job now. `null` on AWS, and where nobody works on it. */
  readonly threads: number | null;
  /** How many items of a chunk are processed at the same time. */
  readonly concurrency: number;
  /** `null`: learned. */
  readonly chunk: BatchSpec["chunk"];
  readonly deadlineAt: string;
  /** The tries of an item, and the time of one. `null`: not known. */
  readonly retry: Required<BatchSpec>["retry"] | null;
  readonly limits: BatchLimits;
  readonly tolerate: { readonly count: number | null; readonly percent: number | null };
}

/** Sources by name. */
const MAX_SOURCES = 20;
const VERSION_CHARS = 12;

export function unitOf({ reader }: Pick<BatchInput, "reader">): InputUnit {
  return reader === "files" ? "files" : readerKinds[reader].unit;
}

/** `threads`: that run chunks of its job now. */
export function batchDetails(spec: BatchSpec, threads: number | null): BatchDetails {
  const { input, params, jobFile, code, concurrency = 1, chunk, retry, rateLimit, inFlight, tolerate } = spec;
  const sources = input.sources.slice(0, MAX_SOURCES).map(({ label, size }) => {
    return { name: withoutUser(label), size: input.reader === "from" ? null : size };
  });
  return {
    where: jobFile === null ? "aws" : "machine",
    input: {
      reader: input.reader,
      unit: unitOf(input),
      size: sizeOf(input),
      sources,
      count: input.list?.count ?? input.sources.length,
    },
    params: withoutSecrets(params),
    jobFile,
    jobVersion: code === undefined ? null : code.slice(0, VERSION_CHARS),
    fanjoin: spec.fanjoin ?? null,
    threads,
    concurrency,
    chunk,
    deadlineAt: new Date(spec.deadlineAt).toISOString(),
    retry: retry ?? null,
    limits: { ...(rateLimit ? { rateLimit } : {}), ...(inFlight === undefined ? {} : { inFlight }) },
    tolerate: { count: tolerate.count, percent: tolerate.percent },
  };
}
