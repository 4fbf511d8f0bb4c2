/** The summary of a batch, as `--json`, `show` and the API give it. */
import { batchKey, generationOf, hasEnded, stateOf } from "../core/batch.ts";
import type { BatchState, Failure } from "../core/batch.ts";
import { parseEntry } from "../core/plan.ts";
import type { Fields, Json } from "../core/record.ts";
import { addTotals, FAN_IN, nodeKey, NodeView, NO_TOTALS } from "../core/tree.ts";
import type { Totals } from "../core/tree.ts";
import { readerKinds } from "../input/kinds.ts";
import type { Ledger } from "../ports.ts";
import { parseSpec, unitsOf } from "./batch.ts";
import type { BatchSpec } from "./batch.ts";
import { newestEntry } from "./plan-end.ts";
import type { Files } from "./runner.ts";

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
  /** `null` where that shows only when the input is read, and in a redrive, of which nobody has measured how much there is to do. */
  readonly of: number | null;
  /** In a redrive: how many items had failed when it began. */
  readonly failedBefore: number | null;
}

/** The files of a batch. */
export type BatchFile = "result.json" | "outputs.jsonl" | "failed.jsonl";

/** Where the files of a batch are found: paths on a machine, URLs elsewhere. */
export type Locate = (batch: string, file: BatchFile) => string;

/** Keys read at once. */
const PAGE = 100;

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

function final(fields: Fields): { totals: Totals; planned: number } {
  return { totals: fields["totals"] as unknown as Totals, planned: 0 };
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

/** What the leaves of a running batch show, in a redrive added to what there was; or what it has come to meanwhile. It may be stale, if it need not be exact. */
export async function progress(
  ledger: Pick<Ledger, "read">,
  batch: string,
  options: { readonly stale: boolean } = { stale: true },
): Promise<{ totals: Totals; planned: number }> {
  const planned = await plannedChunks(ledger, batch, options);
  const [fields = null] = await ledger.read([batchKey(batch)], options);
  // What was committed has the leaves in it.
  if (fields && hasEnded(fields)) return { ...final(fields), planned };
  const generation = generationOf(fields ?? {});
  const leaves = Math.ceil(planned / FAN_IN);
  let totals = (fields?.["totals"] ?? NO_TOTALS) as unknown as Totals;
  for (let from = 0; from < leaves; from += PAGE) {
    const keys = Array.from({ length: Math.min(PAGE, leaves - from) }, (_, place) =>
      nodeKey({ batch, generation, level: 0, index: from + place }),
    );
    const records = await ledger.read(keys, options);
    for (const record of records) {
      const view = new NodeView(record, FAN_IN);
      // A leaf that is sealed has lost nothing before it is joined.
      totals = addTotals(totals, view.over === null ? { ...view.totals(), lost: 0 } : view.totals());
    }
  }
  return { totals, planned };
}

/** How many items had failed when the redrive that is under way began; `null` where there is none. */
export function failedBefore(fields: Fields): number | null {
  if (hasEnded(fields) || generationOf(fields) === 0) return null;
  return (fields["totals"] as unknown as Totals).failed;
}

/** How many chunks the plan has. */
async function plannedChunks(
  ledger: Pick<Ledger, "read">,
  batch: string,
  options: { readonly stale: boolean },
): Promise<number> {
  const newest = await newestEntry(ledger, batch, options);
  if (!newest) return 0;
  const entry = parseEntry(newest.entry, newest.fields);
  return "end" in entry ? entry.end : entry.first + entry.ranges.length;
}
