/**
 * A redrive of a chunk that was cut: it lays a split over the closed one, and sends only the parts concerned.
 */
import type { Contributions } from "../../core/records/contribution.ts";
import { partName } from "../../core/records/contribution.ts";
import type { RedriveFilter } from "../../core/failures/redrive-filter.ts";
import type { ChunkMessage } from "../../core/records/message.ts";
import type { Layer } from "../../core/protocol/task.ts";
import { SplitView, layOverSplit, openParts, splitOf } from "../../core/records/split.ts";
import { SPLIT_LEVEL, namesNothing, nodeKey } from "../../core/records/tree.ts";
import type { NodeId } from "../../core/records/tree.ts";
import { failedItems } from "../../runner/contribution/failed-items.ts";
import type { SurveyPorts } from "./survey-layers.ts";

/** Whether a chunk of the leaf was settled by a split that had not all its parts. */
export async function isIncomplete(ports: SurveyPorts, leaf: NodeId, chunk: number): Promise<boolean> {
  return !(await closedSplit(ports, { ...leaf, level: SPLIT_LEVEL, index: chunk })).full;
}

/** The closed split that a chunk was settled by. Throws if the ledger has lost it. */
async function closedSplit({ ledger }: SurveyPorts, split: NodeId): Promise<SplitView> {
  const key = nodeKey(split);
  const [fields] = await ledger.read([key]);
  if (fields) return new SplitView(fields);
  throw new Error(`the ledger names the split ${key}, but it is missing: this step is tried again`);
}

export interface SplitSurvey {
  readonly ports: SurveyPorts;
  /** The chunk's message, if it were sent as a whole. Its `former` is the tag that the split has made. */
  readonly message: ChunkMessage;
  /** Of the closed split. */
  readonly generation: number;
  readonly filter: RedriveFilter | undefined;
  readonly bodyOf: (tag: string) => Promise<Contributions>;
}

/**
 * Parts that have failed items which are wanted, and those that have no tag, are done again. A filter leaves
 * a part without a tag out only together with its chunk: the chunk settles once all its parts have.
 */
export async function splitLayer(survey: SplitSurvey): Promise<Layer> {
  const { ports, message, generation, filter, bodyOf } = survey;
  const closed = await closedSplit(ports, splitOf({ ...message, generation }));
  const redo = new Set<number>();
  for (const part of closed.parts()) {
    const tag = closed.tag(part);
    if (tag === null) redo.add(part);
    else if (!namesNothing(tag)) {
      const contribution = (await bodyOf(tag))[partName(message.chunk, closed.startOf(part))];
      const items = await failedItems(ports.store, contribution?.failed ?? [], filter);
      if (contribution?.error !== undefined || items.some(({ wanted }) => wanted)) redo.add(part);
    }
  }
  const node = splitOf(message);
  const update = layOverSplit(node, closed, redo, message.former ?? "");
  const laid = new SplitView(update.set);
  return { node, update, full: laid.full, chunks: openParts(laid, message) };
}
