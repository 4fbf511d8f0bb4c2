/** The summary of a batch, as `--json`, `show` and the API give it. */
import { hasEnded, stateOf } from "../core/records/batch.ts";
import type { BatchState, Failure } from "../core/records/batch.ts";
import type { Fields } from "../core/records/record.ts";
import type { Json } from "../core/json.ts";
import type { Totals } from "../core/records/tree.ts";
import { readerKinds } from "../input/kinds.ts";
import type { Ledger } from "../ports.ts";
import { parseSpec, unitsOf } from "./spec.ts";
import type { BatchSpec } from "./spec.ts";
import type { Files, Locate } from "./files.ts";
import { failedBefore, final, progress } from "./progress.ts";

export interface BatchSummary {
  readonly batch: string;
  readonly job: string;
  readonly state: BatchState;
  /** `null` where a reader cannot know: chunks that were never read, or planning that goes on. */
  readonly items: {
    readonly total: number | null;
    readonly succeeded: number;
    readonly failed: number;
    readonly skipped: number | null;
  };
  readonly chunks: { readonly total: number | null; readonly settled: number; readonly skipped: number };
  /** How far planning got, while it goes on. */
  readonly planned?: { readonly chunks: number };
  /** While it runs: how much of the input is done, in the reader's own measure (bytes, items). */
  readonly progress?: BatchProgress;
  readonly createdAt: string;
  readonly endedAt: string | null;
  readonly seconds: number | null;
  readonly result: { readonly path: string; readonly bytes: number; readonly value?: Json } | null;
  readonly outputs: { readonly path: string; readonly bytes: number } | null;
  readonly failed: { readonly path: string } | null;
  readonly error: Failure | null;
}

export interface BatchProgress {
  readonly units: number;
  /**
   * `null` where that shows only when the input is read, and in a redrive, of which nobody has measured how
   * much there is to do.
   */
  readonly of: number | null;
  /** In a redrive: how many items had failed when it began. */
  readonly failedBefore: number | null;
}

export async function summarize(
  ledger: Pick<Ledger, "read">,
  batch: string,
  fields: Fields,
  locate: Locate,
): Promise<BatchSummary> {
  const spec = parseSpec(batch, fields);
  const ended = hasEnded(fields);
  const { totals, planned } = ended ? final(fields) : await progress(ledger, batch);
  const total = typeof fields["chunks"] === "number" ? fields["chunks"] : null;
  const files = ended ? (fields["result"] as unknown as Files | null) : null;
  const endedAt = ended ? Number(fields["endedAt"]) : null;
  return {
    batch,
    job: spec.job,
    state: stateOf(fields),
    items: itemCounts(spec, totals, { ended, whole: ended && isWhole(fields) }),
    chunks: { total, settled: totals.chunks, skipped: totals.lost },
    ...(total === null && !ended ? { planned: { chunks: planned } } : {}),
    ...(ended ? {} : { progress: batchProgress(spec, totals, failedBefore(fields)) }),
    createdAt: new Date(spec.createdAt).toISOString(),
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
    seconds: endedAt === null ? null : (endedAt - (spec.redrivenAt ?? spec.createdAt)) / 1000,
    result: files?.result ? { path: locate(batch, "result.json"), ...without(files.result) } : null,
    outputs: files?.outputs ? { path: locate(batch, "outputs.jsonl"), ...without(files.outputs) } : null,
    failed: files?.failed ? { path: locate(batch, "failed.jsonl") } : null,
    error: (fields["error"] ?? null) as Failure | null,
  };
}

function batchProgress({ input }: BatchSpec, { units }: Totals, failedBefore: number | null): BatchProgress {
  return { units, of: failedBefore === null ? unitsOf(input) : null, failedBefore };
}

/** A file without the name that only the ledger knows it by. */
function without<T extends { readonly name: string }>({ name: _name, ...rest }: T): Omit<T, "name"> {
  return rest;
}

/** Whether the plan covers the input. */
function isWhole(fields: Fields): boolean {
  return typeof fields["short"] === "boolean" ? !fields["short"] : fields["ending"] === undefined;
}

/** `whole`: the plan was not cut short, so there is no input beyond it. */
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
