/** Whether chunks that run are still to be run: another attempt, a hedge or what it hedges, may be first. */
import { isWantedIn } from "../../batch/steering/end.ts";
import type { Fields } from "../../core/records/record.ts";
import type { ChunkMessage } from "../../core/records/message.ts";
import { FAN_IN, NodeView, leafOf, nodeKey } from "../../core/records/tree.ts";
import type { Ledger } from "../../ports.ts";
import type { Overtaken } from "../../runner/overtaken.ts";

/**
 * Whether any of the running chunks of one batch is still wanted, as its record has it now. In a batch that
 * hedges, it also looks at their leaves, and notes the chunks that are settled as overtaken.
 */
export async function areWanted(
  ledger: Pick<Ledger, "read">,
  batch: Fields | null,
  chunks: readonly ChunkMessage[],
  overtaken: Overtaken,
): Promise<boolean> {
  const wanted = chunks.filter(({ generation }) => isWantedIn(batch, [generation]));
  if (wanted.length > 0 && batch?.["hedge"] === true) overtaken.note(await settledChunks(ledger, wanted));
  return wanted.length > 0;
}

/** Those of the chunks of one batch and generation that are settled, by whichever attempt. */
export async function settledChunks<Named extends Pick<ChunkMessage, "batch" | "generation" | "chunk">>(
  ledger: Pick<Ledger, "read">,
  chunks: readonly Named[],
): Promise<readonly Named[]> {
  const byLeaf = [...Map.groupBy(chunks, ({ chunk }) => leafOf(chunk, FAN_IN))];
  const keys = byLeaf.map(([index, [one]]) => {
    const { batch = "", generation = 0 } = one ?? {};
    return nodeKey({ batch, generation, level: 0, index });
  });
  const records = await ledger.read(keys);
  return byLeaf.flatMap(([, ofLeaf], place) => {
    const view = new NodeView(records[place] ?? null, FAN_IN);
    return ofLeaf.filter(({ chunk }) => view.tag(chunk % FAN_IN) !== null);
  });
}
