/**
 * Begins a redrive of a batch that has ended: chunks that failed, were given up or were left out are done
 * again, and planning goes on where the end of the batch stopped it. Everything else stays as it is.
 */
import { hasEnded } from "../../core/records/batch/batch.ts";
import { redriveBatch } from "../../core/records/batch/redriving.ts";
import { isRemoved } from "../../core/records/batch/removed-batch.ts";
import type { Failure } from "../../core/records/batch/batch.ts";
import type { ShortPlan } from "../../core/records/batch/redriving.ts";
import { parseEntry, planKey } from "../../core/records/plan.ts";
import type { PlannedRange } from "../../core/records/plan.ts";
import type { Fields } from "../../core/records/record.ts";
import type { Ledger, Ports } from "../../ports.ts";
import { isAllPlanned } from "../sources.ts";
import { parseSpec, readBatch, unknownBatch } from "../spec.ts";
import type { BatchSpec } from "../spec.ts";
import type { RedriveFilter } from "../../core/failures/redrive-filter.ts";
import { wakeCoordinator } from "./end.ts";
import { newestEntry } from "../summary/newest-entry.ts";
import { notEnded } from "../../core/failures/redrive-filter.ts";
import { committedTotals } from "../summary/progress.ts";

/** Errors of the join. After these only the merging has to be done again, and no item. */
const MERGE_ERRORS: ReadonlySet<string> = new Set(["MERGE_FAILED", "JOIN_TOO_LARGE"]);

/**
 * Begins a redrive of the failed items that `filter` matches (`null`: of all). False: there is nothing to do
 * again. Throws `BATCH_UNKNOWN`, and `BATCH_NOT_READY` for a batch that has not ended.
 */
export async function redrive(
  { ledger, queue, clock }: Pick<Ports, "ledger" | "queue" | "clock">,
  batch: string,
  filter: RedriveFilter | null,
): Promise<boolean> {
  const fields = await readBatch(ledger, batch);
  if (!fields || isRemoved(fields)) throw unknownBatch(batch);
  if (!hasEnded(fields)) throw notEnded(batch);
  const spec = parseSpec(batch, fields);
  const remerge = MERGE_ERRORS.has((fields["error"] as Failure | null)?.code ?? "");
  const plan = await shortPlan(ledger, spec, filter === null && !remerge);
  if (!remerge && !isFlawed(fields) && !("extend" in plan)) return false;
  const now = clock.now();
  const { applied } = await ledger.update(
    redriveBatch(batch, fields, plan, {
      redrivenAt: now,
      deadlineAt: now + Number(fields["deadlineAt"]) - (spec.redrivenAt ?? spec.createdAt),
      redrive: filter && { ...filter },
      remerge,
    }),
  );
  if (!applied) throw notEnded(batch);
  await wakeCoordinator({ queue }, batch);
  return true;
}

/** Whether a batch has ended, and no redrive can find anything to do: all of its input succeeded. */
export function isDone(fields: Fields): boolean {
  const { state, short, ending } = fields;
  return (
    hasEnded(fields) && state === "succeeded" && short !== true && ending === undefined && !isFlawed(fields)
  );
}

function isFlawed(fields: Fields): boolean {
  const { failed, broken, lost } = committedTotals(fields);
  return failed + broken + lost > 0;
}

/**
 * What the redrive does about the plan. A plan is short if the batch was asked to end before its input was
 * planned. `goesOn`: the redrive plans the rest; one that was asked for some failed items only does not.
 */
async function shortPlan(ledger: Ledger, { batch, input }: BatchSpec, goesOn: boolean): Promise<ShortPlan> {
  const newest = await newestEntry(ledger, batch, { stale: false });
  const end = newest && parseEntry(newest.entry, newest.fields);
  if (!newest || !end || !("end" in end) || !end.short) return { short: false };
  const last = await newestRanges(ledger, batch, newest.entry);
  const planned =
    last !== null && (last.items >= (input.maxItems ?? Infinity) || isAllPlanned(input, last.range));
  if (planned || !goesOn) return { short: !planned };
  return { extend: last?.entry ?? newest.entry, first: end.end };
}

/** The newest entry with ranges before the END at `end`, and its last range; `null` if there is none. */
async function newestRanges(
  ledger: Ledger,
  batch: string,
  end: number,
): Promise<{ readonly entry: number; readonly range: PlannedRange; readonly items: number } | null> {
  for (let entry = end - 1; entry >= 0; entry--) {
    const [fields = null] = await ledger.read([planKey(batch, entry)]);
    const parsed = fields && parseEntry(entry, fields);
    const range = parsed && "ranges" in parsed ? parsed.ranges.at(-1) : undefined;
    if (range) return { entry, range, items: parsed && "ranges" in parsed ? (parsed.items ?? 0) : 0 };
  }
  return null;
}
