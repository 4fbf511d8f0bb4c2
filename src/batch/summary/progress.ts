/** How far a batch has come: the totals of its leaves, added up. */
import { batchKey, generationOf, hasEnded } from "../../core/records/batch/batch.ts";
import type { Fields } from "../../core/records/record.ts";
import { FAN_IN, NodeView, nodeKey } from "../../core/records/tree.ts";
import { NO_TOTALS, addTotals } from "../../core/records/totals.ts";
import type { NodeId } from "../../core/records/tree.ts";
import type { Totals } from "../../core/records/totals.ts";
import type { Ledger } from "../../ports.ts";
import { chunksUpTo, newestEntry } from "./newest-entry.ts";
import { openChunks, openTotals } from "./open-splits.ts";

/** Progress as a display shows it. */
export interface Progress {
  readonly totals: Pick<Totals, "succeeded" | "failed" | "units">;
  /**
   * The size of all sources together, in the reader's unit. `null` where the size is known only after
   * reading, and in a redrive, because the work of a redrive is not measured.
   */
  readonly units: number | null;
  /** In a redrive: how many items had failed when it began. */
  readonly failedBefore?: number | null;
  /** Nothing further begins until the batch is resumed. */
  readonly paused?: boolean;
}

/** The totals of a batch, and how many chunks its plan has so far. */
export interface PlannedTotals {
  readonly totals: Totals;
  readonly planned: number;
}

/** Keys in one read. */
const PAGE = 100;

/** The totals that an ended batch was committed with. */
export function committedTotals(fields: Fields): Totals {
  return fields["totals"] as unknown as Totals;
}

/**
 * Adds up the leaves of a running batch. The leaves of a redrive count from zero, so they are added to the
 * totals of the runs before. If the batch ends meanwhile, these are the totals that it was committed with.
 * With `stale` they may lag behind.
 */
export async function readTotals(
  ledger: Pick<Ledger, "read">,
  batch: string,
  options: { readonly stale: boolean } = { stale: true },
): Promise<PlannedTotals> {
  const planned = chunksUpTo(await newestEntry(ledger, batch, options));
  const [fields = null] = await ledger.read([batchKey(batch)], options);
  // The committed totals include the leaves.
  if (fields && hasEnded(fields)) return { totals: committedTotals(fields), planned };
  const generation = generationOf(fields ?? {});
  const leaves = Math.ceil(planned / FAN_IN);
  let totals = fields?.["totals"] === undefined ? NO_TOTALS : committedTotals(fields);
  const open: { leaf: NodeId; chunks: readonly number[] }[] = [];
  for (let first = 0; first < leaves; first += PAGE) {
    const keys = Array.from({ length: Math.min(PAGE, leaves - first) }, (_, offset) =>
      nodeKey({ batch, generation, level: 0, index: first + offset }),
    );
    const records = await ledger.read(keys, options);
    for (const [offset, record] of records.entries()) {
      const view = new NodeView(record, FAN_IN);
      totals = addTotals(totals, leafTotals(view));
      const leaf = { batch, generation, level: 0, index: first + offset };
      if (!view.final) open.push({ leaf, chunks: openChunks(leaf, view, planned) });
    }
  }
  return { totals: addTotals(totals, await openTotals(ledger, open, options)), planned };
}

/** The missing chunks of a sealed leaf count as lost only once the leaf is joined. */
function leafTotals(leaf: NodeView): Totals {
  return leaf.over === null ? { ...leaf.totals(), lost: 0 } : leaf.totals();
}

/** How many items had failed when the current redrive began. `null`: there is no redrive under way. */
export function failedBefore(fields: Fields): number | null {
  if (hasEnded(fields) || generationOf(fields) === 0) return null;
  return committedTotals(fields).failed;
}
