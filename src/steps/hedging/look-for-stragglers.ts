/**
 * Looks for the stragglers of a leaf: chunks that take much longer than their neighbours, near the end of the
 * batch. They are sent once more, as hedges.
 *
 * On AWS the worker that settles nine tenths of a leaf sends one message that is delayed by the time after
 * which a chunk is slow. If all chunks are settled by then, the message costs one read. On one machine the
 * engine knows which chunks are slow (`local/engine/running/hedging.ts`).
 */
import { batchKey } from "../../core/records/batch/batch.ts";
import { beginsTail, hedgeAfterMs, mayHedgeLater, usualMs } from "../../core/records/attempts/hedges.ts";
import { addLiveCounts } from "../../core/records/batch/live-counts.ts";
import type { StragglersMessage } from "../../core/records/message.ts";
import { FAN_IN, NodeView, nodeKey } from "../../core/records/tree.ts";
import type { NodeId } from "../../core/records/tree.ts";
import type { Reply, Task } from "../../core/protocol/task.ts";
import type { Ports } from "../../ports.ts";
import { runProtocol } from "../run-protocol.ts";
import { findStragglers } from "./find-stragglers.ts";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const MAX_DELAY_MS = 900_000;

/** Hedges stragglers of a leaf. `slow`: those that are known to be slow; `null`: all that are open. */
export async function hedgeStragglers(
  ports: Ports,
  node: NodeId,
  slow: readonly number[] | null,
): Promise<number> {
  let hedges = 0;
  const work = {
    stragglers: (effect: Parameters<typeof findStragglers>[1]) => findStragglers(ports, effect),
  };
  await runProtocol(ports, { do: "hedge", node, slow }, work, (task, reply) => {
    if (task.do === "note-hedges" && reply && "applied" in reply && reply.applied)
      hedges += task.messages.length;
  });
  if (hedges > 0) await ports.ledger.update(addLiveCounts(node.batch, { hedges }));
  return hedges;
}

/** The look that a message asks for. While it is too early, another one follows after twice the time. */
export async function lookForStragglers(ports: Ports, { node, delayMs }: StragglersMessage): Promise<void> {
  const hedges = await hedgeStragglers(ports, node, null);
  if (hedges > 0) return;
  const [batch = null, fields = null] = await ports.ledger.read([batchKey(node.batch), nodeKey(node)]);
  const view = new NodeView(fields, ports.fanIn ?? FAN_IN);
  if (batch && !view.final && mayHedgeLater(batch, node.generation))
    await lookLater(ports, node, 2 * delayMs);
}

/** Sends the message for a look after so many milliseconds. */
async function lookLater({ queue }: Pick<Ports, "queue">, node: NodeId, afterMs: number): Promise<void> {
  const delayMs = Math.min(MAX_DELAY_MS, afterMs);
  await queue.send("join", [{ kind: "stragglers", node, attempt: 1, delayMs }], { delayMs });
}

/** Notices the leaves whose tail begins while a task and what follows from it are run. */
export class TailWatch {
  readonly #fanIn: number;
  readonly #begun: { readonly node: NodeId; readonly afterMs: number }[] = [];

  constructor({ fanIn = FAN_IN }: Pick<Ports, "fanIn">) {
    this.#fanIn = fanIn;
  }

  /** Whoever comes second, the last settle before the tail or the close of the edge, sees where it begins. */
  observe(task: Task, reply: Reply): void {
    if (!reply || !("applied" in reply) || !reply.applied) return;
    if (task.do === "settle" && task.node.level === 0)
      this.#note(task.node, new NodeView(reply.record, this.#fanIn), task.done.length);
    if (task.do !== "close" || task.level > 0) return;
    const { batch, end } = task;
    const view = new NodeView(reply.record, this.#fanIn);
    const index = Math.max(0, Math.ceil(end.end / this.#fanIn) - 1);
    this.#note({ batch, generation: end.generation, level: 0, index }, view, view.settled);
  }

  #note(node: NodeId, view: NodeView, added: number): void {
    if (beginsTail(view, added)) this.#begun.push({ node, afterMs: hedgeAfterMs(usualMs(view)) });
  }

  /** Whether a tail has begun. */
  get isDue(): boolean {
    return this.#begun.length > 0;
  }

  /** Sends one delayed message for each leaf whose tail has begun. */
  async send(ports: Pick<Ports, "queue">): Promise<void> {
    for (const { node, afterMs } of this.#begun.splice(0)) await lookLater(ports, node, afterMs);
  }
}
