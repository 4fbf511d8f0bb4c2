/**
 * Redriving a batch that has ended: what failed, was given up or left out is done again, everything else
 * stays as it is.
 */
import { hasEnded, redriveBatch } from "../core/records/batch.ts";
import type { Failure } from "../core/records/batch.ts";
import { FanjoinError } from "../core/errors.ts";
import { parseEntry, planKey } from "../core/records/plan.ts";
import type { Fields } from "../core/records/record.ts";
import type { Totals } from "../core/records/tree.ts";
import type { Ledger, Ports } from "../ports.ts";
import { parseSpec, readBatch, unknownBatch } from "./spec.ts";
import type { BatchSpec } from "./spec.ts";
import type { RedriveFilter } from "../core/redrive-filter.ts";
import { wakeCoordinator } from "./end.ts";
import { newestEntry } from "./newest-entry.ts";

/** Errors of the join: nothing but the merging has to be done again. */
const MERGE_ERRORS: ReadonlySet<string> = new Set(["MERGE_FAILED", "JOIN_TOO_LARGE"]);

/**
 * Begins a redrive of what `filter` names (`null`: of everything). False if there is nothing to do again.
 * Throws `BATCH_UNKNOWN`, and `BATCH_NOT_READY` for a batch that has not ended.
 */
export async function redrive(
  { ledger, queue, clock }: Pick<Ports, "ledger" | "queue" | "clock">,
  batch: string,
  filter: RedriveFilter | null,
): Promise<boolean> {
  const seen = await readBatch(ledger, batch);
  if (!seen) throw unknownBatch(batch);
  if (!hasEnded(seen)) throw notEnded(batch);
  const spec = parseSpec(batch, seen);
  const remerge = MERGE_ERRORS.has((seen["error"] as Failure | null)?.code ?? "");
  if (!remerge && !isFlawed(seen)) return false;
  const now = clock.now();
  const { applied } = await ledger.update(
    redriveBatch(batch, seen, {
      redrivenAt: now,
      deadlineAt: now + (spec.deadlineAt - (spec.redrivenAt ?? spec.createdAt)),
      redrive: filter && { ...filter },
      remerge,
      short: await isShort(ledger, spec),
    }),
  );
  if (!applied) throw notEnded(batch);
  await wakeCoordinator({ queue }, batch);
  return true;
}

export function notEnded(batch: string): FanjoinError {
  return new FanjoinError(
    "BATCH_NOT_READY",
    `batch ${batch} has not ended: only one that has can be redriven. \`fanjoin resume ${batch}\` goes on with it`,
  );
}

function isFlawed(batch: Fields): boolean {
  const { failed, broken, lost } = batch["totals"] as unknown as Totals;
  return failed + broken + lost > 0;
}

/** Whether the plan does not cover the input, because the batch was to end before it did. */
async function isShort(ledger: Ledger, { batch, input: { sources } }: BatchSpec): Promise<boolean> {
  const end = await newestEntry(ledger, batch, { stale: false });
  if (end?.fields["short"] !== true) return false;
  const [before] = end.entry === 0 ? [] : await ledger.read([planKey(batch, end.entry - 1)]);
  const last = before ? parseEntry(end.entry - 1, before) : null;
  const range = last && "ranges" in last ? last.ranges.at(-1) : undefined;
  return range?.source !== sources.length - 1 || range.end < (sources.at(-1)?.size ?? 0);
}
