/** The parts of a split in the explored world: how they are merged, lost and laid anew. */
import { partName } from "../../../../src/core/records/contribution.ts";
import type { ChunkMessage } from "../../../../src/core/records/message.ts";
import { create } from "../../../../src/core/records/record.ts";
import type { Fields } from "../../../../src/core/records/record.ts";
import { SplitView, layOverSplit, openParts, splitOf } from "../../../../src/core/records/split.ts";
import type { Layer, Replies } from "../../../../src/core/protocol/task.ts";
import { LEFT_OUT_TAG, namesNothing, nodeKey } from "../../../../src/core/records/tree.ts";
import { NO_TOTALS } from "../../../../src/core/records/totals.ts";
import type { NodeId } from "../../../../src/core/records/tree.ts";
import type { Totals } from "../../../../src/core/records/totals.ts";
import { BATCH } from "../../batch-of.ts";
import type { State, World } from "../world/world.ts";
import { countsOf, unitsText, textOfTag } from "./splits.ts";

/** Merges the parts of a split, in the order of their starts. A part that has no tag is left out. */
export function mergeParts(
  world: World,
  state: State,
  { index: chunk, generation }: NodeId,
  fields: Fields,
): Replies["merge"] | string {
  const view = new SplitView(fields);
  const texts: string[] = [];
  for (const part of view.parts()) {
    const tag = view.tag(part);
    if (tag === null) continue;
    const name = partName(chunk, view.startOf(part));
    if (!namesNothing(tag) && state.records.get(`partial/${tag}`)?.[`c${name}`] === undefined)
      return `a merge does not find what ${tag} names`;
    texts.push(partText(world, state, { chunk, generation }, view, part));
  }
  const text = texts.filter((one) => one !== "").join(" ");
  const tag = `~${state.tags}`;
  const keep = create(`partial/${tag}`, { [`c${chunk}`]: text, [`g${chunk}`]: generation });
  return { tag, keep, joined: { totals: view.totals(), result: text, error: null }, at: 1 };
}

export function partText(
  world: World,
  state: State,
  { chunk, generation }: { readonly chunk: number; readonly generation: number },
  view: SplitView,
  part: number,
): string {
  const tag = view.tag(part);
  if (tag === null) return "";
  const start = view.startOf(part);
  const all = unitsText(world, generation, start, view.endOf(part));
  return textOfTag(state, tag, partName(chunk, start), all);
}

/** The split that a chunk's contribution was merged from; `null`: the chunk was not cut. */
export function splitUnder(
  state: State,
  tag: string | null,
  chunk: number,
): { node: NodeId; view: SplitView } | null {
  const generation = tag === null ? undefined : state.records.get(`partial/${tag}`)?.[`g${chunk}`];
  if (typeof generation !== "number") return null;
  const node = { batch: BATCH, generation, level: -1, index: chunk };
  const fields = state.records.get(nodeKey(node));
  return fields ? { node, view: new SplitView(fields) } : null;
}

/** A redrive lays a split over the closed one, and sends the parts that are to be done again. */
export function splitLayer(
  world: World,
  state: State,
  message: ChunkMessage,
  closed: { readonly node: NodeId; readonly view: SplitView },
  tag: string,
): Layer {
  const node = splitOf(message);
  const { view } = closed;
  const redo = new Set(
    view.parts().filter((part) => {
      const text = partText(
        world,
        state,
        { chunk: message.chunk, generation: closed.node.generation },
        view,
        part,
      );
      return view.tag(part) === null || /[!x]/u.test(text);
    }),
  );
  const update = layOverSplit(node, view, redo, tag);
  const laid = new SplitView(update.set);
  return { node, update, full: laid.full, chunks: openParts(laid, message) };
}

/** What nobody works on any more of a chunk without a tag that was cut; `null`: it was not cut. */
export function lostParts(
  state: State,
  message: ChunkMessage,
): { chunks: ChunkMessage[]; nodes: NodeId[] } | null {
  const node = splitOf(message);
  const fields = state.records.get(nodeKey(node));
  if (!fields) return null;
  const view = new SplitView(fields);
  return view.full ? { chunks: [], nodes: [node] } : { chunks: openParts(view, message), nodes: [] };
}

/** The counts of a chunk that was settled with `tag`. */
export function outcomeOf(
  world: World,
  state: State,
  tag: string | null,
  chunk: number,
  range: { start: number; end: number },
): Totals {
  if (tag === null || tag === LEFT_OUT_TAG) return { ...NO_TOTALS, lost: 1 };
  const text = textOfTag(state, tag, `${chunk}`, unitsText(world, Infinity, range.start, range.end));
  const split = splitUnder(state, tag, chunk);
  const isWhole = split === null || split.view.full;
  return { ...countsOf(text), ...(isWhole ? { chunks: 1 } : { lost: 1 }) };
}
