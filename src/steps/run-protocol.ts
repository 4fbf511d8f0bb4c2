/** Runs tasks of the protocol against the ports until none is left. */
import { createProtocol } from "../core/protocol/protocol.ts";
import type { Effect, EffectKind, Replies, Reply, Task } from "../core/protocol/task.ts";
import { FAN_IN } from "../core/records/tree.ts";
import type { Ports } from "../ports.ts";
import { commitSpan } from "./tracing/step-spans.ts";

/** The effects that a step carries out itself: those that do not touch ledger or queue. */
export type Work = {
  readonly [Kind in Exclude<EffectKind, "read" | "update" | "send">]?: (
    effect: Extract<Effect, { kind: Kind }>,
  ) => Promise<Replies[Kind]>;
};

const usual = createProtocol(FAN_IN);

/**
 * Runs `first` and every task that follows from it. Throws what a port or `work` throws: the message is then
 * delivered again.
 */
export async function runProtocol(
  ports: Ports,
  first: Task,
  work: Work = {},
  observe?: (task: Task, reply: Reply) => void,
): Promise<void> {
  const protocol = ports.fanIn === undefined ? usual : createProtocol(ports.fanIn);
  const { tracer } = ports;
  const tasks: Task[] = [first];
  for (let task = tasks.pop(); task; task = tasks.pop()) {
    const effect = protocol.effectOf(task);
    const reply =
      tracer && task.do === "commit"
        ? await commitSpan(ports, tracer, task, () => carryOut(ports, effect, work))
        : await carryOut(ports, effect, work);
    observe?.(task, reply);
    const following = protocol.follow(task, reply);
    for (let place = following.length - 1; place >= 0; place--) {
      const next = following[place];
      if (next) tasks.push(next);
    }
  }
}

async function carryOut(ports: Ports, effect: Effect, work: Work): Promise<Reply> {
  switch (effect.kind) {
    case "read":
      return ports.ledger.read(effect.keys);
    case "update":
      return ports.ledger.update(effect.update);
    case "send": {
      const { queue, messages, at } = effect;
      const delay = at === undefined ? {} : { delayMs: Math.max(0, at - ports.clock.now()) };
      await ports.queue.send(queue, messages, delay);
      return null;
    }
    case "cut":
      return known(work.cut)(effect);
    case "survey":
      return known(work.survey)(effect);
    case "lost":
      return known(work.lost)(effect);
    case "stragglers":
      return known(work.stragglers)(effect);
    case "work":
      return known(work.work)(effect);
    case "merge":
      return known(work.merge)(effect);
  }
}

function known<T>(handler: T | undefined): T {
  if (handler === undefined) throw new Error("a task reached a step that does not do such work");
  return handler;
}
