/** What planning and merging spend on a batch, and batches whose cost is limited. */
import { askToEnd } from "../batch/steering/end.ts";
import type { BatchSpec } from "../batch/spec.ts";
import { addLiveCounts, liveCount } from "../core/records/batch/live-counts.ts";
import { costOf } from "../core/records/batch/bounds/spent.ts";
import type { Totals } from "../core/records/totals.ts";
import type { Ports } from "../ports.ts";

/** Workers count what they spend with the chunks that they settle: that costs no write. */
export async function noteSpent({ ledger, meter }: Ports, batch: string): Promise<void> {
  const spent = meter?.take() ?? {};
  if (spent.mbs !== undefined || spent.fees !== undefined) await ledger.update(addLiveCounts(batch, spent));
}

/** Ends a batch that has cost more than it may. Work in flight may cost more. */
export async function enforceCost(ports: Ports, spec: BatchSpec, settled: Totals): Promise<void> {
  const { batch, maxCostUsd } = spec;
  const cost = maxCostUsd === undefined ? null : costOf(settled);
  if (maxCostUsd === undefined || cost === null) return;
  const nano = Math.round((cost.parts.compute + cost.parts.requests) * 1e9);
  const { record } = await ports.ledger.update(addLiveCounts(batch, { nano }));
  const overhead = costOf({ mbs: liveCount(record, "mbs"), fees: liveCount(record, "fees") });
  const usd = liveCount(record, "nano") * 1e-9 + (overhead?.usd ?? 0);
  if (usd <= maxCostUsd) return;
  const message = `the batch has cost $${usd.toFixed(6)}, more than its maxCostUsd of $${maxCostUsd}`;
  await askToEnd(ports, batch, "cost", { code: "COST_EXCEEDED", message });
}
