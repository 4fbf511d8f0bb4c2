/** The layers of a redrive, as a closed tree shows them: nodes to lay over it, and chunks to run again. */
import { closedGenerations } from "../../core/records/batch/batch.ts";
import { closedChunks, extensionOf } from "../../core/records/batch/redriving.ts";
import { parsePartial, partialKey } from "../../core/records/contribution.ts";
import type { Contributions } from "../../core/records/contribution.ts";
import { kindOf } from "../../core/records/message.ts";
import type { ChunkMessage } from "../../core/records/message.ts";
import type { Update } from "../../core/records/record.ts";
import type { Layer } from "../../core/protocol/task.ts";
import {
  FAN_IN,
  LEFT_OUT_TAG,
  NodeView,
  formerOf,
  previousTag,
  layOver,
  namesNothing,
  nodeKey,
  rightEdge,
} from "../../core/records/tree.ts";
import { NO_TOTALS, addTotals } from "../../core/records/totals.ts";
import type { ClosedNode, NodeId } from "../../core/records/tree.ts";
import { parseSpec, readBatch } from "../../batch/spec.ts";
import type { BatchSpec } from "../../batch/spec.ts";
import { loadBody } from "../../runner/contribution/body.ts";
import { failedItems } from "../../runner/contribution/failed-items.ts";
import type { Ports } from "../../ports.ts";
import { PlanReader } from "../planning/plan-reader.ts";
import { isIncomplete, splitLayer } from "./split-layer.ts";

/** What it takes to read a closed tree. */
export interface SurveyPorts extends Pick<Ports, "store"> {
  readonly ledger: Pick<Ports["ledger"], "read">;
}

export const FIRST_NODE: Pick<NodeId, "level" | "index"> = { level: 0, index: 0 };

/**
 * Leaves first, the root last, from one node on: the layers before it are laid. The root is laid even if no
 * chunk is run again: it then commits what there was.
 */
export async function* layersOf(
  ports: SurveyPorts,
  batch: string,
  generation: number,
  from: Pick<NodeId, "level" | "index">,
): AsyncGenerator<Layer> {
  const fields = await readBatch(ports.ledger, batch);
  const tree: ClosedTree = {
    ports,
    spec: parseSpec(batch, fields),
    generation,
    closed: closedGenerations(fields ?? {}).filter((one) => one < generation),
    plan: new PlanReader(ports.ledger, batch),
    everything: fields?.["remerge"] === true,
  };
  const goesOn = extensionOf(fields ?? {}) !== null;
  const edge = rightEdge(closedChunks(fields ?? {}), FAN_IN);
  let redone: number[] = [];
  for (const [level, { index: last, root }] of edge.entries()) {
    const first = level < from.level ? last + 1 : level === from.level ? from.index : 0;
    const laid = await laidBefore(tree, level, first);
    const parents = level === 0 || tree.everything ? range(last + 1) : parentsOf(redone, root);
    const below = Map.groupBy(redone, (child) => Math.floor(child / FAN_IN));
    for (const index of parents) {
      if (index < first) continue;
      const node = { batch, generation, level, index };
      const open = goesOn && index === last;
      const splits: Layer[] = [];
      const layer = await (level === 0
        ? leafLayer(tree, node, { root, open }, splits)
        : upperLayer(tree, node, below.get(index) ?? [], open));
      if (!layer) continue;
      laid.push(index);
      yield* splits;
      yield layer;
    }
    redone = laid;
  }
}

/** The nodes of a level that an earlier coordinator has laid, of those before `end`. */
async function laidBefore(
  { ports, spec: { batch }, generation }: ClosedTree,
  level: number,
  end: number,
): Promise<number[]> {
  const laid: number[] = [];
  for (let first = 0; first < end; first += FAN_IN) {
    const indices = range(Math.min(FAN_IN, end - first)).map((place) => first + place);
    const keys = indices.map((index) => nodeKey({ batch, generation, level, index }));
    const records = await ports.ledger.read(keys);
    laid.push(...indices.filter((_, place) => records[place] !== null));
  }
  return laid;
}

interface ClosedTree {
  readonly ports: SurveyPorts;
  readonly spec: BatchSpec;
  readonly generation: number;
  /** Newest first. */
  readonly closed: readonly number[];
  readonly plan: PlanReader;
  /** Every node is merged again, even if no chunk below it is run again. */
  readonly everything: boolean;
}

function range(end: number): number[] {
  return Array.from({ length: end }, (_, place) => place);
}

function parentsOf(children: readonly number[], root: boolean): number[] {
  const parents = new Set(children.map((child) => Math.floor(child / FAN_IN)));
  return root ? [0] : [...parents];
}

/** A node of the closed tree in all its generations, newest first; `over` is the newest generation. */
async function closedNode(tree: ClosedTree, node: NodeId): Promise<ClosedNode> {
  const records = await tree.ports.ledger.read(
    tree.closed.map((generation) => nodeKey({ ...node, generation })),
  );
  const views = records.flatMap((fields) => (fields ? [new NodeView(fields, FAN_IN)] : []));
  const over = tree.closed[records.findIndex((fields) => fields !== null)] ?? 0;
  return { over, views };
}

async function upperLayer(
  tree: ClosedTree,
  node: NodeId,
  children: readonly number[],
  open: boolean,
): Promise<Layer> {
  const redo = new Set(children.map((child) => child % FAN_IN));
  return layerOf(node, layOver(node, await closedNode(tree, node), redo, open), []);
}

function layerOf(node: NodeId, update: Update, chunks: readonly ChunkMessage[]): Layer {
  return { node, update, full: new NodeView(update.set, FAN_IN).full, chunks };
}

/**
 * `null` if no chunk of the leaf is run again. The leaf on an open edge is laid in any case, and with it
 * every node above.
 */
async function leafLayer(
  tree: ClosedTree,
  leaf: NodeId,
  { root, open }: { readonly root: boolean; readonly open: boolean },
  splits: Layer[],
): Promise<Layer | null> {
  const closed = await closedNode(tree, leaf);
  const { views } = closed;
  const bodyOf = bodies(tree.ports, tree.spec.batch);
  const { failed, broken, lost } = views.map((view) => view.totals()).reduce(addTotals, NO_TOTALS);
  const redo =
    tree.everything || failed + broken + lost > 0
      ? await chunksToRedo(tree, leaf, views, bodyOf)
      : new Set<number>();
  if (redo.size === 0 && !root && !open && !tree.everything) return null;
  const chunks: ChunkMessage[] = [];
  for (const place of redo) {
    const tag = previousTag(views, place);
    const message = await messageFor(tree, leaf, place, tag);
    const split = tag === null || namesNothing(tag) ? undefined : (await bodyOf(tag))[message.chunk]?.split;
    if (split === undefined) chunks.push(message);
    else {
      const { ports, spec } = tree;
      splits.push(await splitLayer({ ports, message, generation: split, filter: spec.redrive, bodyOf }));
    }
  }
  return layerOf(leaf, layOver(leaf, closed, redo, open), chunks);
}

/** The chunks to run again, by their places in the leaf, ascending. */
async function chunksToRedo(
  tree: ClosedTree,
  leaf: NodeId,
  views: readonly NodeView[],
  bodyOf: ReturnType<typeof bodies>,
): Promise<Set<number>> {
  const { ports, spec } = tree;
  const redo = new Set<number>();
  for (let place = 0; place < (views[0]?.expects ?? 0); place++) {
    const tag = previousTag(views, place);
    if (tag === null || tag === LEFT_OUT_TAG) {
      // The chunk never ran, so a filter by kind of failure cannot match it.
      if (!spec.redrive) redo.add(place);
    } else if (!namesNothing(tag)) {
      const chunk = leaf.index * FAN_IN + place;
      const contribution = (await bodyOf(tag))[chunk];
      const { split } = contribution ?? {};
      // The parts that never ran are what a chunk that never ran is.
      if (
        split !== undefined &&
        !spec.redrive &&
        (await isIncomplete(ports, { ...leaf, generation: split }, chunk))
      )
        redo.add(place);
      const items = await failedItems(ports.store, contribution?.failed ?? [], spec.redrive);
      const unwritten = contribution?.error !== undefined && tree.everything;
      if (unwritten || items.some(({ wanted }) => wanted)) redo.add(place);
    }
  }
  return redo;
}

/** Reads each body once: the chunks of a bundle share one. */
export function bodies(
  { ledger, store }: SurveyPorts,
  batch: string,
): (tag: string) => Promise<Contributions> {
  const loaded = new Map<string, Contributions>();
  return async (tag) => {
    const known = loaded.get(tag);
    if (known) return known;
    const key = partialKey(batch, tag);
    const [record = null] = await ledger.read([key]);
    const body = await loadBody(store, parsePartial(key, record));
    loaded.set(tag, body);
    return body;
  };
}

async function messageFor(
  { plan, spec: { batch }, generation }: ClosedTree,
  leaf: NodeId,
  place: number,
  tag: string | null,
): Promise<ChunkMessage> {
  const chunk = leaf.index * FAN_IN + place;
  const range = await plan.chunk(chunk);
  return { kind: kindOf(range), batch, generation, chunk, attempt: 1, ...range, ...formerOf(tag) };
}
