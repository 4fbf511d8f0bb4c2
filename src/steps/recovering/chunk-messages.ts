/** Messages of chunks, made once more from the plan. */
import { generationOf } from "../../core/records/batch/batch.ts";
import { closedChunks, extensionOf } from "../../core/records/batch/redriving.ts";
import { kindOf } from "../../core/records/message.ts";
import type { WholeMessage } from "../../core/records/message.ts";
import type { Fields } from "../../core/records/record.ts";
import { FAN_IN, formerOf, previousTag } from "../../core/records/tree.ts";
import type { NodeId, NodeView } from "../../core/records/tree.ts";
import type { Ledger } from "../../ports.ts";
import { PlanReader } from "../planning/plan-reader.ts";
import { viewsBelow } from "../redriving/earlier-generations.ts";

type Reading = Pick<Ledger, "read">;

/** Makes the message of a chunk as it was first sent. Ask for chunks in ascending order. */
export function chunkMessages(
  ledger: Reading,
  batch: string,
  fields: Fields,
  plan: Pick<PlanReader, "chunk"> = new PlanReader(ledger, batch),
) {
  const generation = generationOf(fields);
  const extension = extensionOf(fields);

  return async (leaf: NodeId, view: NodeView, chunk: number): Promise<WholeMessage> => {
    const range = await plan.chunk(chunk);
    const message = {
      kind: kindOf(range),
      batch,
      generation,
      chunk,
      attempt: 1,
      ...range,
      look: true,
    } as const;
    if (extension && chunk >= closedChunks(fields)) return { ...message, fresh: true };
    const tag = previousTag(await viewsBelow(ledger, leaf, view), chunk % FAN_IN);
    return { ...message, ...formerOf(tag) };
  };
}
