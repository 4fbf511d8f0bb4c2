/**
 * A join's steps: merge a final node and settle it in its parent, or at the root close the batch; and the way
 * down that seals leaves.
 */
import { batchKey, commitBatch, generationOf, isIn } from "../records/batch.ts";
import type { Step, Task } from "./task.ts";
import { advance, emptyTag, settleInParent } from "./settling.ts";
import { nodeKey, NodeView, parentOf, seal } from "../records/tree.ts";
import type { NodeId } from "../records/tree.ts";

/**
 * A join whose slot in the parent is taken only takes the parent's next step: the one that took it may have
 * died before that.
 */
const gather: Step<"gather", "read"> = {
  effect: ({ node }, fanIn) => ({
    kind: "read",
    keys: [batchKey(node.batch), nodeKey(node), nodeKey(parentOf(node, fanIn))],
  }),
  follow({ node }, [batch, fields, above], fanIn) {
    if (!batch || !isIn(batch, node.generation)) return [];
    const view = new NodeView(fields ?? null, fanIn);
    if (!view.final) return [];
    const parent = new NodeView(above ?? null, fanIn);
    if (!view.root && parent.tag(node.index % fanIn) !== null) {
      return advance(parentOf(node, fanIn), parent, fanIn);
    }
    if (!view.root && view.empty) return [settleInParent(node, view, emptyTag(view), fanIn)];
    return [{ do: "merge", node, fields: view.fields, batch }];
  },
};

const merge: Step<"merge", "merge"> = {
  effect: ({ node, fields, batch }) => ({ kind: "merge", node, fields, batch }),
  follow(task, { tag, keep, joined, at }, fanIn) {
    const view = new NodeView(task.fields, fanIn);
    if (view.root) return [{ do: "commit", batch: task.node.batch, seen: task.batch, joined, at }];
    const then = settleInParent(task.node, view, tag, fanIn);
    return keep ? [{ do: "keep", keep, then: [then], otherwise: task }] : [then];
  },
};

/**
 * The result is committed once. Refused because somebody asked the batch to end meanwhile: again, with that
 * said.
 */
const commit: Step<"commit", "update"> = {
  effect: ({ batch, seen, joined, at }) => ({ kind: "update", update: commitBatch(batch, seen, joined, at) }),
  follow(task, { applied, record }) {
    if (applied || !record || !isIn(record, generationOf(task.seen))) return [];
    return [{ ...task, seen: record }];
  },
};

/**
 * The way down from the root of a batch that ends early: upper nodes are never sealed, they fill from below.
 */
const descend: Step<"descend", "read"> = {
  effect: ({ node }) => ({ kind: "read", keys: [batchKey(node.batch), nodeKey(node)] }),
  follow({ node }, [batch, fields], fanIn) {
    if (!batch || !isIn(batch, node.generation)) return [];
    if (node.level === 0) return [{ do: "seal", node }];
    const view = new NodeView(fields ?? null, fanIn);
    return view.full ? advance(node, view, fanIn) : [sealBelow(node, view, fanIn)];
  },
};

/** A leaf is sealed and joined by the same invocation, so a crash between the two is a redelivery. */
const sealStep: Step<"seal", "update"> = {
  effect: ({ node }) => ({ kind: "update", update: seal(node) }),
  follow: ({ node }) => [{ do: "gather", node }],
};

export const joining = { gather, merge, commit, descend, seal: sealStep };

function sealBelow(node: NodeId, view: NodeView, fanIn: number): Task {
  const open = view.tags().flatMap((tag, place) => (tag === null ? [place] : []));
  const messages = open.map((place) => {
    const child = { ...node, level: node.level - 1, index: node.index * fanIn + place };
    return { kind: "seal", node: child, attempt: 1 } as const;
  });
  return { do: "send", queue: "join", messages };
}
