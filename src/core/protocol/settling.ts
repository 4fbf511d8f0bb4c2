/** The steps of a worker, and the step that all functions share: settle, and take a full node's next step. */
import { batchKey, generationOf, hasEnded, isEnding } from "../records/batch.ts";
import { isPaused, launchOf } from "../records/pausing.ts";
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
 * Chunks of a batch that is to end or is paused, or of an older generation, are not run. A chunk that was
 * delivered before may be settled already, so its leaf is read first. After a pause this holds for every
 * chunk: its message may be one that the resume has sent again.
 */
const start: Step<"start", "read"> = {
  effect: ({ chunks, again }, fanIn) => ({
    kind: "read",
    keys: [
      batchKey(chunks[0]?.batch ?? ""),
      ...redelivered(chunks, again).map((chunk) => nodeKey(leaf(chunk, fanIn))),
    ],
  }),
  follow({ chunks, again }, [record, ...leaves], fanIn) {
    if (!record || hasEnded(record) || isEnding(record) || isPaused(record)) return [];
    if (launchOf(record) > 0 && redelivered(chunks, again).length < chunks.length)
      return [{ do: "start", chunks, again: chunks.map(({ chunk }) => chunk) }];
    const settled = new Set<ChunkMessage>();
    const tasks: Task[] = [];
    redelivered(chunks, again).forEach((chunk, index) => {
      const view = new NodeView(leaves[index] ?? null, fanIn);
      if (view.tag(chunk.chunk % fanIn) === null) return;
      settled.add(chunk);
      tasks.push(...advance(leaf(chunk, fanIn), view, fanIn));
    });
    // A bundle may hold two copies of one message. If both ran, the chunk would count twice.
    const current = generationOf(record);
    const inGeneration = chunks.filter(({ generation }) => generation === current);
    const distinct = new Map(inGeneration.map((message) => [message.chunk, message]));
    const open = [...distinct.values()].filter((message) => !settled.has(message));
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

/** Keeps what an attempt made under its tag. If the tag is taken, the attempt is made again under another. */
const keep: Step<"keep", "update"> = {
  effect: (task) => ({ kind: "update", update: task.keep }),
  follow: ({ then, otherwise }, reply) => (reply.applied ? then : [otherwise]),
};

/**
 * Settles the children of one node that one attempt has finished. A refusal has four cases, in this order:
 * - All children have this attempt's tag: the reply to an earlier try was lost.
 * - The node is sealed: nothing is counted in it any more.
 * - Several children: one of them may be to blame, so they are settled one by one.
 * - One child that another attempt settled: that attempt may have died and left a full node behind.
 */
const settleStep: Step<"settle", "update"> = {
  effect({ node, done, tag }) {
    const totals = done.reduce((sum, child) => addTotals(sum, child.totals), NO_TOTALS);
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
 * The next step of a node, if it is full: a join message, or a settle in its parent if no child left anything
 * to merge. The step may be taken twice, so every task that sees a full node takes it.
 */
export function advance(node: NodeId, view: NodeView, fanIn: number): readonly Task[] {
  if (!view.full) return [];
  if (view.empty && !view.root) return [settleInParent(node, view, emptyTag(view), fanIn)];
  return [{ do: "send", queue: "join", messages: [{ kind: "merge", node, attempt: 1 }] }];
}

/** Seals a batch of `chunks` chunks, from its root downwards. */
export function sealAll(batch: string, generation: number, chunks: number, fanIn: number): Task {
  const node = { batch, generation, level: rightEdge(chunks, fanIn).length - 1, index: 0 };
  return { do: "send", queue: "join", messages: [{ kind: "seal", node, attempt: 1 }] };
}

/** Settles a final node in its parent. */
export function settleInParent(node: NodeId, view: NodeView, tag: string, fanIn: number): Task {
  const done = [{ child: node.index % fanIn, totals: view.totals() }];
  return { do: "settle", node: parentOf(node, fanIn), done, tag };
}

/** The tag of an empty node: the tag of its first settled child, or a plain `-` if it has none. */
export function emptyTag(view: NodeView): string {
  return view.tags().find((tag) => tag !== null) ?? LEFT_OUT_TAG;
}

function leaf({ batch, generation, chunk }: ChunkMessage, fanIn: number): NodeId {
  return { batch, generation, level: 0, index: leafOf(chunk, fanIn) };
}

/** The chunks of a task that may have been settled by an earlier delivery. */
function redelivered(chunks: readonly ChunkMessage[], again: readonly number[]): readonly ChunkMessage[] {
  return again.length === 0 ? [] : chunks.filter(({ chunk }) => again.includes(chunk));
}

/** One settle for each leaf: chunks of one leaf are settled together. */
function settleTasks(
  chunks: readonly ChunkMessage[],
  done: readonly Done[],
  tag: string,
  fanIn: number,
): Task[] {
  const [first] = chunks;
  if (!first) return [];
  const byLeaf = new Map<number, Done[]>();
  for (const { child, totals } of done) {
    const index = leafOf(child, fanIn);
    const group = byLeaf.get(index) ?? [];
    byLeaf.set(index, group);
    group.push({ child: child % fanIn, totals });
  }
  return [...byLeaf].map(([index, group]) => {
    const node = { batch: first.batch, generation: first.generation, level: 0, index };
    return { do: "settle", node, done: group, tag };
  });
}
