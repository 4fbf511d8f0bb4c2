/** The steps of a worker, and the one that everybody shares: settle, and take a full node's next step. */
import { batchKey, generationOf, hasEnded, isEnding } from "../records/batch.ts";
import type { ChunkMessage } from "../records/message.ts";
import type { Done, Step, Task } from "./task.ts";
import {
  addTotals,
  LEFT_OUT_TAG,
  leafOf,
  nodeKey,
  NO_TOTALS,
  NodeView,
  parentOf,
  rightEdge,
  settle,
} from "../records/tree.ts";
import type { NodeId } from "../records/tree.ts";

/**
 * Chunks of an ending batch, or of a generation that is over, are not run. One that was delivered before is
 * looked up first: it may be settled already.
 */
const start: Step<"start", "read"> = {
  effect: ({ chunks, again }, fanIn) => ({
    kind: "read",
    keys: [
      batchKey(chunks[0]?.batch ?? ""),
      ...suspects(chunks, again).map((chunk) => nodeKey(leaf(chunk, fanIn))),
    ],
  }),
  follow({ chunks, again }, [record, ...leaves], fanIn) {
    if (!record || hasEnded(record) || isEnding(record)) return [];
    const settled = new Set<ChunkMessage>();
    const tasks: Task[] = [];
    suspects(chunks, again).forEach((chunk, place) => {
      const view = new NodeView(leaves[place] ?? null, fanIn);
      if (view.tag(chunk.chunk % fanIn) === null) return;
      settled.add(chunk);
      tasks.push(...advance(leaf(chunk, fanIn), view, fanIn));
    });
    // A bundle may hold two copies of one message: counted together they would count twice.
    const current = generationOf(record);
    const ours = chunks.filter(({ generation }) => generation === current);
    const once = new Map(ours.map((one) => [one.chunk, one]));
    const open = [...once.values()].filter((one) => !settled.has(one));
    return open.length === 0 ? tasks : [...tasks, { do: "work", chunks: open }];
  },
};

const work: Step<"work", "work"> = {
  effect: ({ chunks }) => ({ kind: "work", chunks }),
  follow(task, { tag, keep, done }, fanIn) {
    const settles = settleTasks(task.chunks, done, tag, fanIn);
    if (settles.length === 0) return [];
    return keep ? [{ do: "keep", keep, then: settles, otherwise: task }] : settles;
  },
};

/**
 * Commits what an attempt made under its tag; if the tag is taken, the attempt is made again under another.
 */
const keep: Step<"keep", "update"> = {
  effect: (task) => ({ kind: "update", update: task.keep }),
  follow: ({ then, otherwise }, reply) => (reply.applied ? then : [otherwise]),
};

/**
 * Settles children of one node by one attempt. A refusal is read closely: our own tag means that the reply to
 * an earlier try was lost; a group refused in part is settled one by one; a child that another attempt
 * settled may have left a full node behind, when that attempt died before its next step.
 */
const settleStep: Step<"settle", "update"> = {
  effect({ node, done, tag }) {
    const totals = done.reduce((sum, one) => addTotals(sum, one.totals), NO_TOTALS);
    const children = done.map(({ child }) => child);
    return { kind: "update", update: settle(node, children, tag, totals) };
  },
  follow({ node, done, tag }, reply, fanIn) {
    const view = new NodeView(reply.record, fanIn);
    if (reply.applied || done.every(({ child }) => view.tag(child) === tag))
      return advance(node, view, fanIn);
    if (view.sealed) return [];
    if (done.length > 1) return done.map((one) => ({ do: "settle", node, done: [one], tag }));
    return advance(node, view, fanIn);
  },
};

const send: Step<"send", "send"> = {
  effect: ({ queue, messages }) => ({ kind: "send", queue, messages }),
  follow: () => [],
};

export const settling = { start, work, keep, settle: settleStep, send };

/**
 * The next step of a node, if it is full: a join, or where no child left anything to merge, its place in the
 * parent. Doing it twice is harmless, so whoever sees a full node does it.
 */
export function advance(node: NodeId, view: NodeView, fanIn: number): readonly Task[] {
  if (!view.full) return [];
  if (view.empty && !view.root) return [settleInParent(node, view, emptyTag(view), fanIn)];
  return [{ do: "send", queue: "join", messages: [{ kind: "merge", node, attempt: 1 }] }];
}

/** With `chunks` planned, a batch that was asked to end is sealed from its root downwards. */
export function sealAll(batch: string, generation: number, chunks: number, fanIn: number): Task {
  const node = { batch, generation, level: rightEdge(chunks, fanIn).length - 1, index: 0 };
  return { do: "send", queue: "join", messages: [{ kind: "seal", node, attempt: 1 }] };
}

/** Settles a final node in its parent. */
export function settleInParent(node: NodeId, view: NodeView, tag: string, fanIn: number): Task {
  const done = [{ child: node.index % fanIn, totals: view.totals() }];
  return { do: "settle", node: parentOf(node, fanIn), done, tag };
}

/** The tag of an empty node: that of its first child, or a plain `-` where none was settled. */
export function emptyTag(view: NodeView): string {
  return view.tags().find((tag) => tag !== null) ?? LEFT_OUT_TAG;
}

function leaf({ batch, generation, chunk }: ChunkMessage, fanIn: number): NodeId {
  return { batch, generation, level: 0, index: leafOf(chunk, fanIn) };
}

function suspects(chunks: readonly ChunkMessage[], again: readonly number[]): readonly ChunkMessage[] {
  return again.length === 0 ? [] : chunks.filter(({ chunk }) => again.includes(chunk));
}

/** One settle per leaf: neighbours are settled together. */
function settleTasks(
  chunks: readonly ChunkMessage[],
  done: readonly Done[],
  tag: string,
  fanIn: number,
): Task[] {
  const [any] = chunks;
  if (!any) return [];
  const byLeaf = new Map<number, Done[]>();
  for (const { child, totals } of done) {
    const index = leafOf(child, fanIn);
    const group = byLeaf.get(index) ?? [];
    byLeaf.set(index, group);
    group.push({ child: child % fanIn, totals });
  }
  return [...byLeaf].map(([index, group]) => {
    const node = { batch: any.batch, generation: any.generation, level: 0, index };
    return { do: "settle", node, done: group, tag };
  });
}
