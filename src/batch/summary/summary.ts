/** The summary of a batch: one JSON shape for `--json`, `fanjoin show` and the API. */
import { hasEnded, stateOf } from "../../core/records/batch/batch.ts";
import type { BatchState, Failure } from "../../core/records/batch/batch.ts";
import { liveCount, liveCountsKey } from "../../core/records/batch/live-counts.ts";
import type { FailureSummary } from "../../core/failures/failure-summary.ts";
import { settingsOf } from "../../core/records/batch/settings.ts";
import type { Settings } from "../../core/records/batch/settings.ts";
import { costOf } from "../../core/records/batch/bounds/spent.ts";
import type { Cost } from "../../core/records/batch/bounds/spent.ts";
import type { Fields } from "../../core/records/record.ts";
import type { Json } from "../../core/json/json.ts";
import type { Totals } from "../../core/records/totals.ts";
import { readerKinds } from "../../input/kinds.ts";
import type { Ledger } from "../../ports.ts";
import { sizeOf, unitsOf } from "../sources.ts";
import { parseSpec } from "../spec.ts";
import type { Reproduction } from "../pulled/pulled-chunk.ts";
import type { BatchSpec } from "../spec.ts";
import { filesOf } from "./files.ts";
import type { BatchFiles, LocateFile } from "./files.ts";
import { batchDetails, unitOf } from "./details.ts";
import type { BatchDetails, InputUnit } from "./details.ts";
import type { BatchRecord } from "../list.ts";
import { remaining } from "./pace.ts";
import type { BatchPace, Remaining } from "./pace.ts";
import { committedTotals, failedBefore, readTotals } from "./progress.ts";

export interface BatchSummary {
  readonly batch: string;
  readonly job: string;
  readonly state: BatchState;
  /**
   * `null`: unknown, because items are known only after reading, and some chunks were not read (yet).
   */
  readonly items: {
    readonly total: number | null;
    readonly succeeded: number;
    readonly failed: number;
    readonly skipped: number | null;
  };
  readonly chunks: { readonly total: number | null; readonly settled: number; readonly skipped: number };
  /**
   * How many inputs turned out damaged after items of the damaged part had counted. These items are in doubt;
   * the failed item of each such input says which they are.
   */
  readonly damaged: number;
  /**
   * Present if the batch was started for only the first so many items of its input. The others are not
   * missed: no count has them, and no redrive runs them.
   */
  readonly maxItems?: number;
  /**
   * Present if the batch ended before all of its input was done: chunks were skipped, or the input was not
   * planned to its end. A redrive does the rest.
   */
  readonly incomplete?: true;
  /** Present if the batch ended early because it had enough, as its job says: why. */
  readonly enough?: string;
  /** Present if chunks went to the job's larger function on AWS, as they may have lacked memory: how many. */
  readonly larger?: number;
  /** Present on a stack: what the batch has cost so far, its redrives included. */
  readonly cost?: Cost;
  /**
   * Present if chunks were hedged, as the job allows: how many, and how many of these hedges were first. It
   * may lag behind while the batch runs.
   */
  readonly hedges?: { readonly sent: number; readonly won: number };
  /** Present if settings were changed while the batch ran. */
  readonly settings?: Settings;
  /** Present while the batch is planned: how many chunks the plan has so far. */
  readonly planned?: { readonly chunks: number };
  /** Present while the batch runs: how much of the input is done, in the reader's unit (bytes, items). */
  readonly progress?: BatchProgress;
  /** Present if the batch runs pulled chunks of another one: which one that is. */
  readonly reproduces?: { readonly batch: string; readonly chunks: number };
  readonly createdAt: string;
  /** Present if the batch was redriven: when the newest redrive began. `seconds` counts from it. */
  readonly redrivenAt?: string;
  readonly endedAt: string | null;
  readonly seconds: number | null;
  readonly result: { readonly path: string; readonly bytes: number; readonly value?: Json } | null;
  /** `files`: the outputs are by key, in so many files with so many bytes, and this is the list of them. */
  readonly outputs: {
    readonly path: string;
    readonly bytes: number;
    readonly files?: { readonly count: number; readonly bytes: number };
  } | null;
  readonly failed: { readonly path: string } | null;
  /** Present on a stack if the batch ran for long: its report, soon after its end. */
  readonly report?: { readonly path: string };
  /** The failed items in groups. Absent if there is no list of them, or if an older fanjoin wrote it. */
  readonly failures?: FailureSummary;
  readonly error: Failure | null;
  /** What it was started with. Not in lists. */
  readonly details?: BatchDetails;
}

/** A stack that was deployed earlier says only `units`, `of` and `failedBefore`. */
export interface BatchProgress extends Partial<Remaining> {
  readonly units: number;
  /**
   * The size of the whole input. `null` where it is known only after reading, and in a redrive, because the
   * work of a redrive is not measured.
   */
  readonly of: number | null;
  /** What `units` and `of` count. */
  readonly unit?: InputUnit;
  /** How many items had failed when the current redrive began. `null`: the batch is not in a redrive. */
  readonly failedBefore: number | null;
}

/** Summarizes the batch whose record is `fields`. The counts of a running batch may lag behind. */
export async function summarize(
  ledger: Pick<Ledger, "read">,
  batch: string,
  fields: Fields,
  locate: LocateFile,
): Promise<BatchSummary> {
  const spec = parseSpec(batch, fields);
  const ended = hasEnded(fields);
  const { totals, planned } = ended
    ? { totals: committedTotals(fields), planned: 0 }
    : await readTotals(ledger, batch);
  const total = typeof fields["chunks"] === "number" ? fields["chunks"] : null;
  const [counts = null] = await ledger.read([liveCountsKey(batch)]);
  const larger = liveCount(counts, "larger");
  const overhead = { mbs: liveCount(counts, "mbs"), fees: liveCount(counts, "fees") };
  const cost = costOf(totals, overhead);
  const endedAt = ended ? Number(fields["endedAt"]) : null;
  return {
    batch,
    job: spec.job,
    state: stateOf(fields),
    items: itemCounts(spec, totals, { ended, whole: ended && isWhole(fields) }),
    chunks: { total, settled: totals.chunks, skipped: totals.lost },
    damaged: totals.damaged ?? 0,
    ...(spec.input.maxItems === undefined ? {} : { maxItems: spec.input.maxItems }),
    ...marksOf(fields),
    ...(larger === 0 ? {} : { larger }),
    ...(cost === null ? {} : { cost }),
    ...hedgesOf(counts),
    ...(total === null && !ended ? { planned: { chunks: planned } } : {}),
    ...(ended ? {} : { progress: batchProgress(spec, totals, failedBefore(fields)) }),
    ...(spec.reproduces ? { reproduces: reproduced(spec.reproduces) } : {}),
    createdAt: new Date(spec.createdAt).toISOString(),
    ...(spec.redrivenAt === undefined ? {} : { redrivenAt: new Date(spec.redrivenAt).toISOString() }),
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
    seconds: endedAt === null ? null : (endedAt - (spec.redrivenAt ?? spec.createdAt)) / 1000,
    ...batchFiles(batch, ended ? filesOf(fields) : null, locate),
    error: (fields["error"] ?? null) as Failure | null,
  };
}

function hedgesOf(counts: Fields | null): Pick<BatchSummary, "hedges"> {
  const sent = liveCount(counts, "hedges");
  return sent === 0 ? {} : { hedges: { sent, won: liveCount(counts, "hedgesWon") } };
}

/** What a batch's record says of few batches only. */
function marksOf(fields: Fields): Pick<BatchSummary, "incomplete" | "enough" | "settings"> {
  const settings = settingsOf(fields);
  return {
    ...(isIncomplete(fields) ? { incomplete: true } : {}),
    ...(typeof fields["enough"] === "string" ? { enough: fields["enough"] } : {}),
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
  };
}

/** The same where a batch may have no process that works on it: then its state is `interrupted`. */
export async function summarizeOwned(
  ledger: Pick<Ledger, "read">,
  { batch, fields }: BatchRecord,
  locate: LocateFile,
  isWorkedOn: (fields: Fields) => boolean,
): Promise<BatchSummary> {
  const summary = await summarize(ledger, batch, fields, locate);
  if (summary.endedAt !== null) return summary;
  return { ...summary, state: stateOf(fields, isWorkedOn(fields)) };
}

function reproduced({ batch, chunks }: Reproduction): NonNullable<BatchSummary["reproduces"]> {
  return { batch, chunks: new Set(chunks.map(({ chunk }) => chunk)).size };
}

function batchProgress({ input }: BatchSpec, { units }: Totals, failedBefore: number | null): BatchProgress {
  return { units, of: failedBefore === null ? sizeOf(input) : null, unit: unitOf(input), failedBefore };
}

/** What is known of a batch besides its records, and what of it is wanted. */
export interface Look {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly pace: BatchPace;
  readonly details: boolean;
}

/** The summary with estimates of what is left and, if they are wanted, the details of the batch. */
export function lookedAt(summary: BatchSummary, fields: Fields, { now, pace, details }: Look): BatchSummary {
  const spec = parseSpec(summary.batch, fields);
  const { progress, items, state } = summary;
  const since = spec.redrivenAt ?? spec.createdAt;
  const seconds = (now - since - Number(fields["idleMs"] ?? 0)) / 1000;
  const left = (of: BatchProgress): Remaining =>
    remaining({ spec, state, totals: { ...items, units: of.units }, of: of.of, pace, seconds });
  return {
    ...summary,
    ...(progress ? { progress: { ...progress, ...left(progress) } } : {}),
    ...(details ? { details: batchDetails(spec, summary.endedAt === null ? pace.threads : null) } : {}),
  };
}

/** `null` for a batch that has not ended, or has none. */
function batchFiles(
  batch: string,
  files: BatchFiles | null,
  locate: LocateFile,
): Pick<BatchSummary, "result" | "outputs" | "failed" | "failures"> {
  const { result = null, outputs = null, failed = null } = files ?? {};
  return {
    result: result && { path: locate(batch, "result.json", result.name), ...withoutName(result) },
    outputs: outputs && { path: locate(batch, "outputs.jsonl", outputs.name), ...withoutName(outputs) },
    failed: failed && { path: locate(batch, "failed.jsonl", failed.name) },
    ...(failed?.failures ? { failures: failed.failures } : {}),
  };
}

/** Leaves out the object's name, which means nothing to users. */
function withoutName<T extends { readonly name: string }>({ name: _name, ...rest }: T): Omit<T, "name"> {
  return rest;
}

/**
 * Whether the plan of an ended batch covers the whole input. The planner of a batch that was asked to end
 * says so; without its word it may not.
 */
function isWhole({ short, ending }: Fields): boolean {
  return typeof short === "boolean" ? !short : ending === undefined;
}

/** Whether the batch has ended, and a part of its input was not run. */
function isIncomplete(fields: Fields): boolean {
  return hasEnded(fields) && (committedTotals(fields).lost > 0 || !isWhole(fields));
}

/** `whole`: the plan covers the whole input. */
function itemCounts(
  { input }: BatchSpec,
  totals: Totals,
  { ended, whole }: { readonly ended: boolean; readonly whole: boolean },
): BatchSummary["items"] {
  const { succeeded, failed, lost, broken } = totals;
  const known = succeeded + failed;
  if (whole && lost + broken === 0) return { total: known, succeeded, failed, skipped: 0 };
  if (!readerKinds[input.reader].indexed)
    return { total: null, succeeded, failed, skipped: ended ? null : 0 };
  const total = unitsOf(input);
  return { total, succeeded, failed, skipped: ended && total !== null ? total - known : 0 };
}
