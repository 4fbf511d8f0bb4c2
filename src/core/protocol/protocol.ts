/**
 * The protocol: what each function does next, as data.
 *
 * A task is one thing to do: its step says what it asks of the world (`effect`: one read, one conditional
 * update, one send, or work that touches no shared store) and which tasks come after the reply (`follow`).
 * Functions run tasks to exhaustion and then acknowledge their message (`steps/perform.ts`); the model
 * checker (`test/core/explore.ts`) runs the same tasks one effect at a time in every order, with crashes and
 * duplicates in between. All state is in the tasks and in the ledger, so every step may be repeated.
 */
import { joining } from "./joining.ts";
import type { NodeMessage, PlanMessage } from "../records/message.ts";
import { planning } from "./planning.ts";
import { redriving } from "./redriving.ts";
import { settling } from "./settling.ts";
import type { Effect, EffectKind, Reply, Step, Task, TaskName } from "./task.ts";

const STEPS = { ...planning, ...redriving, ...settling, ...joining };

/**
 * The two functions that everything runs on. The fan-in is a parameter so that small trees can be explored.
 */
export interface Protocol {
  effectOf(task: Task): Effect;
  follow(task: Task, reply: Reply): readonly Task[];
}

export function createProtocol(fanIn: number): Protocol {
  // A task and its step belong together by name, and a step's reply to its effect.
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
      return { do: "look", batch: message.batch, entry: message.entry, last: null, sent: false };
    case "merge":
      return { do: "gather", node: message.node };
    case "seal":
      return { do: "descend", node: message.node };
  }
}
