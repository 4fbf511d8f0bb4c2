/** Which chunks of a leaf are to be hedged, and with which messages. */
import { journalKey } from "../../core/records/attempts/crash-journal.ts";
import { batchKey } from "../../core/records/batch/batch.ts";
import {
  HedgesView,
  hedgesKey,
  hedgesLeft,
  noteHedges,
  stragglers,
} from "../../core/records/attempts/hedges.ts";
import type { Effect, Stragglers } from "../../core/protocol/task.ts";
import { splitOf } from "../../core/records/split.ts";
import { FAN_IN, NodeView, nodeKey } from "../../core/records/tree.ts";
import type { Ledger } from "../../ports.ts";
import { PlanSearch } from "../planning/plan-search.ts";
import { chunkMessages } from "../recovering/chunk-messages.ts";

type Reading = Pick<Ledger, "read">;

const NONE: Stragglers = { note: null, messages: [] };

/**
 * Leaves out chunks that were cut, because these make progress, and suspects, which are run with care. Reads
 * the leaf once, and more only if it has stragglers.
 */
export async function findStragglers(
  { ledger, fanIn = FAN_IN }: { readonly ledger: Reading; readonly fanIn?: number | undefined },
  { node: leaf, slow }: Extract<Effect, { kind: "stragglers" }>,
): Promise<Stragglers> {
  const keys = [batchKey(leaf.batch), nodeKey(leaf), hedgesKey(leaf)];
  const [batch = null, fields = null, noted = null] = await ledger.read(keys);
  if (!batch) return NONE;
  const view = new NodeView(fields, fanIn);
  const hedges = new HedgesView(noted);
  const left = hedgesLeft(view, hedges);
  const found = stragglers({ leaf, batch, view, hedges }, fanIn, slow);
  if (found.length === 0 || left === 0) return NONE;
  const messageOf = chunkMessages(
    ledger,
    leaf.batch,
    batch,
    new PlanSearch(ledger, leaf.batch, leaf.generation),
  );
  const chunks = (await withoutRecords(ledger, leaf, found)).slice(0, left);
  if (chunks.length === 0) return NONE;
  const messages = [];
  for (const chunk of chunks)
    messages.push({ ...(await messageOf(leaf, view, chunk)), kind: "hedge" } as const);
  return { note: noteHedges(leaf, chunks, hedges, fanIn), messages };
}

/** Without the chunks that have a split or a crash journal. */
async function withoutRecords(
  ledger: Reading,
  { batch, generation }: { readonly batch: string; readonly generation: number },
  chunks: readonly number[],
): Promise<number[]> {
  const named = chunks.map((chunk) => ({ batch, generation, chunk }));
  const keys = named.flatMap((name) => [nodeKey(splitOf(name)), journalKey(name)]);
  const records = await ledger.read(keys);
  return chunks.filter((_, place) => !records[2 * place] && !records[2 * place + 1]);
}
