/** What follows for a node once it is full or final. */
import { LEFT_OUT_TAG, parentOf } from "../records/tree.ts";
import type { NodeId, NodeView } from "../records/tree.ts";
import type { Task } from "./task.ts";

/**
 * The next step of a node, if it is full: a join message, or a settle in its parent if no child left anything
 * to merge. The step may be taken twice, so every task that sees a full node takes it.
 */
export function advance(node: NodeId, view: NodeView, fanIn: number): readonly Task[] {
  if (!view.full) return [];
  if (view.empty && !view.root) return [settleInParent(node, view, emptyTag(view), fanIn)];
  return [{ do: "send", queue: "join", messages: [{ kind: "merge", node, attempt: 1 }] }];
}

/** Settles a final node in its parent. */
export function settleInParent(node: NodeId, view: NodeView, tag: string, fanIn: number): Task {
  const done = [{ child: node.index % fanIn, totals: view.totals() }];
  return { do: "settle", node: parentOf(node, fanIn), done, tag, counted: true };
}

/** The tag of an empty node: the tag of its first settled child, or a plain `-` if it has none. */
export function emptyTag(view: NodeView): string {
  return view.tags().find((tag) => tag !== null) ?? LEFT_OUT_TAG;
}
