/**
 * The steps of a join: merge a final node and settle it in its parent, or at the root commit the batch. Also
 * the walk down the tree that seals the leaves of a batch that ends early.
 */
import { batchKey, commitBatch, generationOf, isIn } from "../records/batch/batch.ts";
import type { Step, Task } from "./task.ts";
import { advance, emptyTag, settleInParent } from "./advancing.ts";
import { sealSplit, SplitView, viewOf } from "../records/split.ts";
import { nodeKey, NodeView, parentOf, seal, SPLIT_LEVEL } from "../records/tree.ts";
import type { Fields } from "../records/record.ts";
import type { NodeId } from "../records/tree.ts";

/**
 * If the parent already has a tag for this node, another attempt has settled it. That attempt may have died
 * before it took the parent's next step, so this one takes it.
 */
const readNode: Step<"read-node", "read"> = {
  effect: ({ node }, fanIn) => ({
    kind: "read",
    keys: [batchKey(node.batch), nodeKey(node), nodeKey(parentOf(node, fanIn))],
  }),
  follow({ node, merged }, [batch, fields, above], fanIn) {
    if (!batch || !isIn(batch, node.generation)) return [];
    const view = viewOf(node, fields ?? null, fanIn);
    if (!view.final || (view instanceof SplitView && !view.mayEnd)) return [];
    const parent = new NodeView(above ?? null, fanIn);
    if (!view.root && parent.tag(node.index % fanIn) !== null) {
      return advance(parentOf(node, fanIn), parent, fanIn);
    }
    if (!view.root && view.empty) return [settleInParent(node, view, emptyTag(view), fanIn)];
    return [{ do: "merge", node, fields: view.fields, batch, merged }];
  },
};

/**
 * A merge that had no time for all children keeps what it has come to as a partial, and says in a message
 * where to go on. The tags of a final node never change, so the rest is the same for every process.
 */
const merge: Step<"merge", "merge"> = {
  effect: ({ node, fields, batch, merged }) => ({ kind: "merge", node, fields, batch, merged }),
  follow(task, { tag, keep, until, joined, at }, fanIn) {
    const view = viewOf(task.node, task.fields, fanIn);
    if (until !== undefined && keep) {
      const { node } = task;
      const messages = [{ kind: "merge", node, attempt: 1, merged: { tag, children: until } }] as const;
      return [{ do: "keep", keep, then: [{ do: "send", queue: "join", messages }], otherwise: task }];
    }
    if (view.root) return [{ do: "commit", batch: task.node.batch, record: task.batch, joined, at }];
    const then = settleInParent(task.node, view, tag, fanIn);
    return keep ? [{ do: "keep", keep, then: [then], otherwise: task }] : [then];
  },
};

/**
 * The result is committed once. A commit is refused if the batch was asked to end after it was read; then it
 * is tried again with the batch's record as it is now.
 */
const commit: Step<"commit", "update"> = {
  effect: ({ batch, record, joined, at }) => ({
    kind: "update",
    update: commitBatch(batch, record, joined, at),
  }),
  follow(task, { applied, record }) {
    if (applied || !record || !isIn(record, generationOf(task.record))) return [];
    return [{ ...task, record }];
  },
};

/** Walks down from the root of a batch that ends early. Upper nodes are not sealed: they fill from below. */
const descend: Step<"descend", "read"> = {
  effect: ({ node }) => ({ kind: "read", keys: [batchKey(node.batch), nodeKey(node)] }),
  follow({ node }, [batch, fields], fanIn) {
    if (!batch || !isIn(batch, node.generation)) return [];
    const view = new NodeView(fields ?? null, fanIn);
    if (node.level === 0) return view.final ? [{ do: "seal", node }] : [findSplits(node, view, batch, fanIn)];
    return view.full ? advance(node, view, fanIn) : [sealBelow(node, view, fanIn)];
  },
};

/** The way down goes one level further where a chunk of the leaf was cut. */
const findSplitsStep: Step<"find-splits", "read"> = {
  effect: ({ node, chunks }) => ({ kind: "read", keys: splitsOf(node, chunks).map(nodeKey) }),
  follow({ node, chunks, batch }, records) {
    const splits = splitsOf(node, chunks).filter((_, at) => records[at]);
    return [...splits.map((split): Task => ({ do: "seal-split", node: split, batch })), { do: "seal", node }];
  },
};

/**
 * A split is sealed before it is merged: so a closed tree never changes. A split that comes later finds a
 * sealed leaf, and its chunk is left out. If the chunk had a value before, an incomplete split does not take
 * its place.
 */
const sealSplitStep: Step<"seal-split", "update"> = {
  effect: ({ node }) => ({ kind: "update", update: sealSplit(node) }),
  follow({ node, batch }, { record }, fanIn) {
    if (!record) return [];
    const view = new SplitView(record);
    if (!view.mayEnd) return [];
    if (view.empty) return [settleInParent(node, view, emptyTag(view), fanIn)];
    return [{ do: "merge", node, fields: record, batch }];
  },
};

/** One invocation seals a leaf and joins it, so a crash between the two is repaired by redelivery. */
const sealStep: Step<"seal", "update"> = {
  effect: ({ node }) => ({ kind: "update", update: seal(node) }),
  follow: ({ node }) => [{ do: "read-node", node }],
};

export const joining = {
  "read-node": readNode,
  merge,
  commit,
  descend,
  "find-splits": findSplitsStep,
  "seal-split": sealSplitStep,
  seal: sealStep,
};

function findSplits(node: NodeId, view: NodeView, batch: Fields, fanIn: number): Task {
  const open = view.tags().flatMap((tag, child) => (tag === null ? [node.index * fanIn + child] : []));
  return { do: "find-splits", node, chunks: open, batch };
}

function splitsOf(leaf: NodeId, chunks: readonly number[]): NodeId[] {
  return chunks.map((index) => ({ ...leaf, level: SPLIT_LEVEL, index }));
}

function sealBelow(node: NodeId, view: NodeView, fanIn: number): Task {
  const unsettled = view.tags().flatMap((tag, child) => (tag === null ? [child] : []));
  const messages = unsettled.map((child) => {
    const below = { ...node, level: node.level - 1, index: node.index * fanIn + child };
    return { kind: "seal", node: below, attempt: 1 } as const;
  });
  return { do: "send", queue: "join", messages };
}
