/**
 * Begins a redrive of a batch that has ended: chunks that failed, were given up or were left out are done
 * again. Everything else stays as it is.
 */
import { hasEnded, redriveBatch } from "../core/records/batch.ts";
import type { Failure } from "../core/records/batch.ts";
import { FanjoinError } from "../core/errors.ts";
import { parseEntry, planKey } from "../core/records/plan.ts";
import type { Fields } from "../core/records/record.ts";
import type { Ledger, Ports } from "../ports.ts";
import { parseSpec, readBatch, unknownBatch } from "./spec.ts";
import type { BatchSpec } from "./spec.ts";
import type { RedriveFilter } from "../core/redrive-filter.ts";
import { wakeCoordinator } from "./end.ts";
import { newestEntry } from "./newest-entry.ts";
import { committedTotals } from "./progress.ts";

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
  if (!fields) throw unknownBatch(batch);
  if (!hasEnded(fields)) throw notEnded(batch);
  const spec = parseSpec(batch, fields);
  const remerge = MERGE_ERRORS.has((fields["error"] as Failure | null)?.code ?? "");
  if (!remerge && !isFlawed(fields)) return false;
  const now = clock.now();
  const { applied } = await ledger.update(
    redriveBatch(batch, fields, {
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

/** `resume`: the command that continues the batch. */
export function notEnded(batch: string, resume = `fanjoin resume ${batch}`): FanjoinError {
  return new FanjoinError(
    "BATCH_NOT_READY",
    `batch ${batch} has not ended, and only an ended batch can be redriven: \`${resume}\` continues it`,
  );
}

function isFlawed(fields: Fields): boolean {
  const { failed, broken, lost } = committedTotals(fields);
  return failed + broken + lost > 0;
}

/** Whether the plan ends before the input does, because the batch was asked to end while it was planned. */
async function isShort(ledger: Ledger, { batch, input: { sources } }: BatchSpec): Promise<boolean> {
  const end = await newestEntry(ledger, batch, { stale: false });
  if (end?.fields["short"] !== true) return false;
  const [before] = end.entry === 0 ? [] : await ledger.read([planKey(batch, end.entry - 1)]);
  const last = before ? parseEntry(end.entry - 1, before) : null;
  const range = last && "ranges" in last ? last.ranges.at(-1) : undefined;
  return range?.source !== sources.length - 1 || range.end < (sources.at(-1)?.size ?? 0);
}
