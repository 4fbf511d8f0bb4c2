/** What the explored world has lost: chunks, joins and planning that nobody works on any more. */
import { generationOf, hasEnded, isEnding } from "../../../../src/core/records/batch/batch.ts";
import { closedChunks, extensionOf, isLaunched } from "../../../../src/core/records/batch/redriving.ts";
import { isPaused, isToRelaunch } from "../../../../src/core/records/batch/pausing.ts";
import type { ChunkMessage, WholeMessage } from "../../../../src/core/records/message.ts";
import type { Lost } from "../../../../src/core/protocol/task.ts";
import {
  NodeView,
  formerOf,
  leafOf,
  nodeKey,
  previousTag,
  rightEdge,
} from "../../../../src/core/records/tree.ts";
import type { NodeId } from "../../../../src/core/records/tree.ts";
import { BATCH, batchOf } from "../../batch-of.ts";
import { planOf, viewsBelow } from "../redriving/redrive.ts";
import { lostParts } from "../splitting/split-parts.ts";
import type { State, World } from "./world.ts";

const NOTHING: Lost = { plan: null, chunks: [], nodes: [], more: null };

/** `from`: after a pause, always everything. */
export function lostWork(world: World, state: State, from: number | null): Lost {
  const batch = batchOf(state);
  if (hasEnded(batch) || isPaused(batch)) return NOTHING;
  if (from === null && isToRelaunch(batch)) return { ...NOTHING, plan: 0 };
  const generation = generationOf(batch);
  if (isEnding(batch) || (generation > 0 && !isLaunched(batch))) return { ...NOTHING, plan: 0 };
  const { ranges, newest } = planOf(state);
  const plan = batch["chunks"] === undefined ? newest : null;
  const levels = rightEdge(ranges.length, world.fanIn).length;
  const root = { batch: BATCH, generation, level: levels - 1, index: 0 };
  const lost = { plan, chunks: [] as ChunkMessage[], nodes: [] as NodeId[], more: null };
  const view = viewOf(world, state, root);
  if (view.full && view.root) lost.nodes.push(root);
  else walk(world, state, root, lost);
  return lost;
}

function viewOf({ fanIn }: World, state: State, node: NodeId): NodeView {
  return new NodeView(state.records.get(nodeKey(node)) ?? null, fanIn);
}

function walk(
  world: World,
  state: State,
  node: NodeId,
  lost: { readonly chunks: ChunkMessage[]; readonly nodes: NodeId[] },
): void {
  const { fanIn } = world;
  const view = viewOf(world, state, node);
  const { ranges } = planOf(state);
  const width = fanIn ** node.level;
  for (let child = 0; child < fanIn; child++) {
    const index = node.index * fanIn + child;
    if (index * width >= ranges.length || view.tag(child) !== null) continue;
    if (node.level === 0) {
      const message = chunkMessage(world, state, node.generation, index);
      const parts = lostParts(state, message) ?? { chunks: [message], nodes: [] };
      lost.chunks.push(...parts.chunks);
      lost.nodes.push(...parts.nodes);
      continue;
    }
    const below = { ...node, level: node.level - 1, index };
    if (viewOf(world, state, below).final) lost.nodes.push(below);
    else walk(world, state, below, lost);
  }
}

export function chunkMessage(world: World, state: State, generation: number, chunk: number): WholeMessage {
  const { ranges } = planOf(state);
  const { source = 0, start = 0, end = 0 } = ranges[chunk] ?? {};
  const message = { kind: "chunk", batch: BATCH, generation, chunk, attempt: 1, source, start, end } as const;
  const leaf = { batch: BATCH, generation, level: 0, index: leafOf(chunk, world.fanIn) };
  const below = viewsBelow(state, leaf, viewOf(world, state, leaf), world.fanIn);
  const tag = previousTag(below, chunk % world.fanIn);
  const batch = batchOf(state);
  const isNew = extensionOf(batch) !== null && chunk >= closedChunks(batch);
  return { ...message, ...formerOf(tag), ...(isNew ? { fresh: true as const } : {}), look: true };
}
