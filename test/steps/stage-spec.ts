/** What a batch on the stage is made of. */
import type { Json } from "../../src/core/json/json.ts";
import type { Source } from "../../src/input/reader.ts";
import type { Job } from "../../src/job/job.ts";
import { enoughFrom } from "../../src/batch/new-batch.ts";
import type { BatchSpec } from "../../src/batch/spec.ts";
import type { Cutting } from "../../src/runner/chunk/cutting/cutting.ts";
import type { LargeValues } from "../../src/runner/contribution/value-blocks.ts";
import type { MemoryStore } from "../../src/testing/memory/store.ts";
import type { ManualClock } from "../memory/clock.ts";
import type { LimitedRunnerOptions } from "./limited-runner.ts";

export const BATCH = "01BATCH";

export interface StageOptions {
  readonly job: Job;
  /** The text of each source by label. The sources are named `in/<label>`. */
  readonly inputs?: { readonly [label: string]: string | Uint8Array };
  readonly maxItems?: number;
  /** Small sources are put together in chunks. */
  readonly runs?: boolean;
  readonly chunk?: { readonly items?: number; readonly bytes?: number };
  readonly tolerate?: BatchSpec["tolerate"];
  readonly params?: Json;
  readonly deadlineMs?: number;
  readonly blockBytes?: number;
  /** When a chunk is cut; absent: never. */
  readonly cutting?: Cutting;
  /** When values are kept in blocks; absent: never. */
  readonly largeValues?: LargeValues;
  readonly limited?: Limited;
}

/** Limits that the ledger keeps, in a time that somebody else moves. */
export interface Limited extends Pick<BatchSpec, "rateLimit" | "inFlight"> {
  readonly clock: ManualClock;
  readonly sleep: LimitedRunnerOptions["sleep"];
  readonly after: LimitedRunnerOptions["after"];
}

function plannedAs({ maxItems, runs }: StageOptions): Pick<BatchSpec["input"], "maxItems" | "runs"> {
  return { ...(maxItems === undefined ? {} : { maxItems }), ...(runs ? { runs } : {}) };
}

function limitsOf({ limited }: StageOptions): Pick<BatchSpec, "rateLimit" | "inFlight"> {
  const { rateLimit, inFlight } = limited ?? {};
  return { ...(rateLimit ? { rateLimit } : {}), ...(inFlight ? { inFlight } : {}) };
}

export async function specOf(
  options: StageOptions,
  store: MemoryStore,
  clock: ManualClock,
): Promise<BatchSpec> {
  const { job, chunk, tolerate, params = null, deadlineMs = 3_600_000 } = options;
  const enough = enoughFrom(job.options, clock.now());
  const sources: Source[] = [];
  for (const [label, text] of Object.entries(options.inputs ?? {})) {
    const name = `in/${label}`;
    store.put(name, text);
    const stat = await store.stat(name);
    sources.push({ name, label, size: stat?.bytes ?? 0, version: stat?.version ?? "" });
  }
  const { own } = job.input;
  if (own && "from" in own) sources.push({ name: "", label: "range", size: own.to - own.from, version: "" });
  if (own && "generated" in own) sources.push({ name: "", label: "generator", size: 0, version: "" });
  return {
    batch: BATCH,
    job: job.name,
    input: { reader: job.input.kind, options: job.input.options, sources, ...plannedAs(options) },
    params,
    chunk: { items: chunk?.items ?? null, bytes: chunk?.bytes ?? null },
    concurrency: job.options.concurrency,
    tolerate: tolerate ?? job.options.tolerate,
    ...(enough === null ? {} : { enough }),
    hedge: job.options.hedge,
    ...limitsOf(options),
    createdAt: clock.now(),
    deadlineAt: clock.now() + deadlineMs,
    jobFile: null,
  };
}
