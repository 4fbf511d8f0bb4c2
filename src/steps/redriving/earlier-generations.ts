/** The closed nodes that the generations of redrives were laid over. */
import { nodeKey, NodeView, FAN_IN } from "../../core/records/tree.ts";
import type { NodeId } from "../../core/records/tree.ts";
import type { Ledger } from "../../ports.ts";

/** The nodes below `node` in earlier generations, newest first. */
export async function viewsBelow(
  ledger: Pick<Ledger, "read">,
  node: NodeId,
  view: NodeView,
): Promise<NodeView[]> {
  const views: NodeView[] = [];
  for (let { over } = view; over !== null;) {
    const [fields = null] = await ledger.read([nodeKey({ ...node, generation: over })]);
    const below = new NodeView(fields, FAN_IN);
    views.push(below);
    over = below.over;
  }
  return views;
}
