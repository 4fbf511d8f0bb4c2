/** The splits of chunks that are not settled yet: how far their parts have come. */
import { SplitView } from "../../core/records/split.ts";
import { FAN_IN, SPLIT_LEVEL, nodeKey } from "../../core/records/tree.ts";
import { NO_TOTALS, addTotals } from "../../core/records/totals.ts";
import type { NodeId, NodeView } from "../../core/records/tree.ts";
import type { Totals } from "../../core/records/totals.ts";
import type { Ledger } from "../../ports.ts";

/** More open chunks than this hide what the parts of one of them add. Also, keys in one read. */
const MOST = 100;

/** The splits of a leaf's chunks, among the numbers `chunks`. */
export async function openSplits(
  ledger: Pick<Ledger, "read">,
  leaf: NodeId,
  chunks: readonly number[],
  options?: { readonly stale: boolean },
): Promise<ReadonlyMap<number, SplitView>> {
  const some = chunks.slice(0, MOST);
  if (some.length === 0) return new Map();
  const keys = some.map((index) => nodeKey({ ...leaf, level: SPLIT_LEVEL, index }));
  const records = await ledger.read(keys, options);
  const found = records.flatMap((fields, at): [number, SplitView][] => {
    const chunk = some[at];
    return fields && chunk !== undefined ? [[chunk, new SplitView(fields)]] : [];
  });
  return new Map(found);
}

/** The numbers of the chunks below `planned` that have no tag in the leaf. */
export function openChunks(leaf: NodeId, view: NodeView, planned: number): number[] {
  const open = view.tags().flatMap((tag, child) => (tag === null ? [leaf.index * FAN_IN + child] : []));
  return open.filter((chunk) => chunk < planned);
}

/**
 * What the settled parts of open chunks count, once at most a hundred chunks are open. The chunks themselves
 * count when they are settled.
 */
export async function openTotals(
  ledger: Pick<Ledger, "read">,
  open: readonly { readonly leaf: NodeId; readonly chunks: readonly number[] }[],
  options?: { readonly stale: boolean },
): Promise<Totals> {
  if (open.reduce((sum, { chunks }) => sum + chunks.length, 0) > MOST) return NO_TOTALS;
  let totals = NO_TOTALS;
  for (const { leaf, chunks } of open) {
    for (const split of (await openSplits(ledger, leaf, chunks, options)).values())
      totals = addTotals(totals, { ...split.totals(), chunks: 0, lost: 0 });
  }
  return totals;
}
