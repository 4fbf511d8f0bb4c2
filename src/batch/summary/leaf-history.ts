/** Reads the history of a batch on AWS. */
import { generationOf, hasEnded } from "../../core/records/batch/batch.ts";
import type { BatchHistory } from "../../core/history/history.ts";
import { historyKeys, leafHistory } from "../../core/history/leaf-sums.ts";
import type { Fields } from "../../core/records/record.ts";
import type { Ledger } from "../../ports.ts";

/** `null`: no leaf was settled yet, or an earlier fanjoin ran the batch. */
export async function readLeafHistory(
  ledger: Pick<Ledger, "read">,
  batch: string,
  fields: Fields,
  now: number,
): Promise<BatchHistory | null> {
  const start = Number(fields["redrivenAt"] ?? fields["createdAt"]);
  const end = hasEnded(fields) ? Number(fields["endedAt"]) : now;
  const elapsedMs = Math.max(0, Math.round(end - start));
  const keys = historyKeys({ batch, generation: generationOf(fields), elapsedMs });
  return leafHistory(await ledger.read(keys, { stale: true }), start, elapsedMs);
}
