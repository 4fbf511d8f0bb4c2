/** Reads the history of a batch on AWS. */
import { generationBeganAt, generationOf, hasEnded } from "../../core/records/batch/batch.ts";
import type { BatchHistory } from "../../core/history/history.ts";
import { leafHistory } from "../../core/history/leaf-history.ts";
import { historyKeys, isSmall, onlyLeafKey } from "../../core/history/leaf-sums.ts";
import type { Fields } from "../../core/records/record.ts";
import type { Ledger } from "../../ports.ts";
import { committedTotals } from "./progress.ts";
import type { BatchSummary } from "./summary.ts";

/** Of a summary: what is settled. */
export type SettledCounts = Pick<BatchSummary, "items" | "chunks">;

/** `null`: no chunk is settled yet. */
export async function readLeafHistory(
  ledger: Pick<Ledger, "read">,
  { batch, fields }: { readonly batch: string; readonly fields: Fields },
  counts: SettledCounts,
  now: number,
): Promise<BatchHistory | null> {
  const start = generationBeganAt(fields);
  const end = hasEnded(fields) ? Number(fields["endedAt"]) : now;
  const elapsedMs = Math.max(0, Math.round(end - start));
  const generation = generationOf(fields);
  const keys = historyKeys({ batch, generation, elapsedMs });
  const leaf = isSmall(fields["chunks"]) ? [onlyLeafKey(batch, generation)] : [];
  const records = await ledger.read([...keys, ...leaf], { stale: true });
  const read = { sums: records.slice(0, keys.length), leaf: records[keys.length] ?? null };
  return leafHistory(read, settledIn(fields, counts), { start, elapsedMs });
}

/** The totals of a redrive count from zero; once it has ended, nothing tells them from those before. */
function settledIn(fields: Fields, { items, chunks }: SettledCounts): Parameters<typeof leafHistory>[1] {
  const { succeeded, failed } = items;
  if (generationOf(fields) === 0) return { chunks: chunks.settled, succeeded, failed };
  if (hasEnded(fields)) return { chunks: 0, succeeded: 0, failed: 0 };
  const before = committedTotals(fields);
  return {
    chunks: chunks.settled - before.chunks,
    succeeded: succeeded - before.succeeded,
    failed: failed - before.failed,
  };
}
