/**
 * The protocol: what each function does next, as data.
 *
 * A task is one thing to do. Its step has two halves. `effect` says what the task asks of the world: one
 * read, one conditional update, one send, or work that touches no shared store. `follow` says which tasks
 * come after the reply.
 *
 * A function runs tasks until none is left, and then acknowledges its message (`steps/run-protocol.ts`). The
 * model checker (`test/core/checker/explore.ts`) runs the same tasks one effect at a time, in every order,
 * with crashes and duplicates in between. All state is in the tasks and in the ledger, so every step may be
 * repeated.
 */
import { hedging } from "./hedging.ts";
import { joining } from "./joining.ts";
import type { NodeMessage, PlanMessage } from "../records/message.ts";
import { planning } from "./planning.ts";
import { recovering } from "./recovering.ts";
import { redriving } from "./redriving.ts";
import { settling } from "./settling.ts";
import { splitting } from "./splitting.ts";
import type { Effect, EffectKind, Reply, Step, Task, TaskName } from "./task.ts";

const STEPS = {
  ...planning,
  ...redriving,
  ...recovering,
  ...settling,
  ...splitting,
  ...hedging,
  ...joining,
};

/** The two halves of every step. */
export interface Protocol {
  effectOf(task: Task): Effect;
  follow(task: Task, reply: Reply): readonly Task[];
}

/** `fanIn` is `FAN_IN`, except in tests, which explore smaller trees. */
export function createProtocol(fanIn: number): Protocol {
  // A step belongs to its task by name, and a reply to the effect that asked for it.
  const stepOf = (task: Task): Step<TaskName, EffectKind> => STEPS[task.do];
  return {
    effectOf: (task) => stepOf(task).effect(task, fanIn),
    follow: (task, reply) => stepOf(task).follow(task, reply, fanIn),
  };
}

/** The first task for a message to the coordinator or to a join. */
export function begin(message: PlanMessage | NodeMessage): Task {
  switch (message.kind) {
    case "plan":
      return { do: "read-entry", batch: message.batch, entry: message.entry, last: null, sent: false };
    case "merge":
      return { do: "read-node", node: message.node, merged: message.merged };
    case "seal":
      return { do: "descend", node: message.node };
  }
}
