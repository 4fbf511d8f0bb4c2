/** How far a running batch has come. */
import { batchKey, generationOf, hasEnded } from "../core/records/batch.ts";
import { parseEntry } from "../core/records/plan.ts";
import type { Fields } from "../core/records/record.ts";
import { FAN_IN, NO_TOTALS, NodeView, addTotals, nodeKey } from "../core/records/tree.ts";
import type { Totals } from "../core/records/tree.ts";
import type { Ledger } from "../ports.ts";
import { newestEntry } from "./newest-entry.ts";

/** Keys read at once. */
const PAGE = 100;

export function final(fields: Fields): { totals: Totals; planned: number } {
  return { totals: fields["totals"] as unknown as Totals, planned: 0 };
}

/**
 * What the leaves of a running batch show, in a redrive added to what there was; or what it has come to
 * meanwhile. It may be stale, if it need not be exact.
 */
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

/** How far a batch is. */
export interface Progress {
  readonly totals: Pick<Totals, "succeeded" | "failed" | "units">;
  /** Of all sources together, in the reader's unit; `null` if that shows only when they are read. */
  readonly units: number | null;
  /**
   * In a redrive: how many items had failed when it began. How much there is to be done again nobody has
   * measured, so `units` is `null`.
   */
  readonly failedBefore?: number | null;
}
