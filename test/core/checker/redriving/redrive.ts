/** Redrives in the explored world: the chunks to do again, their earlier outcomes, and the nodes to lay. */
import { closedGenerations } from "../../../../src/core/records/batch/batch.ts";
import { closedChunks, extensionOf } from "../../../../src/core/records/batch/redriving.ts";
import type { ShortPlan } from "../../../../src/core/records/batch/redriving.ts";
import type { WholeMessage } from "../../../../src/core/records/message.ts";
import { parseEntry } from "../../../../src/core/records/plan.ts";
import type { PlannedRange } from "../../../../src/core/records/plan.ts";
import type { Layer, Survey } from "../../../../src/core/protocol/task.ts";
import {
  previousTag,
  layOver,
  nodeKey,
  NodeView,
  formerOf,
  rightEdge,
} from "../../../../src/core/records/tree.ts";
import type { ClosedNode, NodeId } from "../../../../src/core/records/tree.ts";
import { BATCH, batchOf } from "../../batch-of.ts";
import { outcomeOf, splitLayer, splitUnder } from "../splitting/split-parts.ts";
import type { State, World } from "../world/world.ts";

/** The nodes below a node of a redrive, newest first. */
export function viewsBelow(state: State, node: NodeId, view: NodeView, fanIn: number): NodeView[] {
  const views: NodeView[] = [];
  for (let { over } = view; over !== null;) {
    const below = new NodeView(state.records.get(nodeKey({ ...node, generation: over })) ?? null, fanIn);
    views.push(below);
    over = below.over;
  }
  return views;
}

/** The views of a node in the closed tree, newest first, and the generation of the newest. */
export function closedViews(state: State, node: NodeId, fanIn: number): ClosedNode {
  for (const generation of closedGenerations(batchOf(state))) {
    if (generation >= node.generation) continue;
    const fields = state.records.get(nodeKey({ ...node, generation }));
    if (!fields) continue;
    const view = new NodeView(fields, fanIn);
    return { over: generation, views: [view, ...viewsBelow(state, node, view, fanIn)] };
  }
  throw new RangeError(`${nodeKey(node)} is not in the closed tree`);
}

/** The plan as far as it goes. `newest` is the newest entry with ranges, or else the newest END. */
export function planOf(state: State): { ranges: PlannedRange[]; short: boolean; newest: number } {
  const ranges: PlannedRange[] = [];
  let short = false;
  let newest = 0;
  const keys = [...state.records.keys()].filter((key) => key.startsWith("plan/")).toSorted();
  for (const [entry, key] of keys.entries()) {
    const parsed = parseEntry(entry, state.records.get(key) ?? {});
    if ("end" in parsed) ({ short } = parsed);
    else ranges.push(...parsed.ranges);
    if (!("end" in parsed) || ranges.length === 0) newest = entry;
  }
  return { ranges, short, newest };
}

/** What a redrive does about the plan. A redrive of some failed items only leaves it as it is. */
export function shortPlan(world: World, state: State): ShortPlan {
  const { ranges, short, newest } = planOf(state);
  const isAllPlanned = (ranges.at(-1)?.end ?? 0) >= world.units;
  if (!short || isAllPlanned || !world.plansOn) return { short: short && !isAllPlanned };
  return { extend: newest, first: ranges.length };
}

/** The survey in one page. All chunks that failed, were given up or were left out are done again. */
export function survey(world: World, state: State, generation: number): Survey {
  const { fanIn } = world;
  const goesOn = extensionOf(batchOf(state)) !== null;
  const ranges = planOf(state).ranges.slice(0, closedChunks(batchOf(state)));
  const layers: Layer[] = [];
  let redone = new Set<number>();
  /** Their parts are sent. */
  const cut = new Set<number>();
  for (const [chunk, range] of ranges.entries()) {
    const leaf = { batch: BATCH, generation, level: 0, index: Math.floor(chunk / fanIn) };
    const tag = previousTag(closedViews(state, leaf, fanIn).views, chunk % fanIn);
    const { failed, broken, lost } = outcomeOf(world, state, tag, chunk, range);
    if (failed + broken + lost === 0) continue;
    redone.add(chunk);
    const split = splitUnder(state, tag, chunk);
    if (!split || tag === null) continue;
    layers.push(splitLayer(world, state, message(generation, chunk, range, tag), split, tag));
    cut.add(chunk);
  }
  for (const [level, { root, index: last }] of rightEdge(ranges.length, fanIn).entries()) {
    const parents = new Set([...redone].map((child) => Math.floor(child / fanIn)));
    if (root || goesOn) parents.add(last);
    for (const index of parents) {
      const node = { batch: BATCH, generation, level, index };
      const closed = closedViews(state, node, fanIn);
      const within = [...redone].filter((child) => Math.floor(child / fanIn) === index);
      const redo = new Set(within.map((child) => child % fanIn));
      const update = layOver(node, closed, redo, goesOn && index === last);
      const chunks = (level > 0 ? [] : within.filter((chunk) => !cut.has(chunk))).map((chunk) =>
        message(generation, chunk, ranges[chunk], previousTag(closed.views, chunk % fanIn)),
      );
      layers.push({ node, update, full: new NodeView(update.set, fanIn).full, chunks });
    }
    redone = parents;
  }
  return { layers, more: false };
}

function message(
  generation: number,
  chunk: number,
  range: PlannedRange | undefined,
  tag: string | null,
): WholeMessage {
  const { source = 0, start = 0, end = 0 } = range ?? {};
  const message = { kind: "chunk", batch: BATCH, generation, chunk, attempt: 1, source, start, end } as const;
  return { ...message, ...formerOf(tag) };
}
