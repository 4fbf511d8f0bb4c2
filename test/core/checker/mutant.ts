/**
 * Mutants: a world in which one rule of the protocol is left out, and the violation that the checker has to
 * find there. A checker that misses one of them would prove nothing.
 */
import { createProtocol } from "../../../src/core/protocol/protocol.ts";
import type { Protocol } from "../../../src/core/protocol/protocol.ts";
import type { Replies, Reply, Task } from "../../../src/core/protocol/task.ts";
import { applyUpdate } from "../../../src/core/records/record.ts";
import type { Condition, Update } from "../../../src/core/records/record.ts";
import { world } from "./world/world-of.ts";
import type { World } from "./world/world.ts";

export interface Mutant {
  /** Part of the violation's text. */
  readonly by: string;
  readonly broken: World;
}

/** The protocol with all its rules. */
export const sound = createProtocol(2);

/** The sweeper still runs, and changes nothing. */
export const STUCK = "without another fault, the end cannot be reached from here";
export const NEVER_ENDS = "nothing can happen any more, and the batch has not ended";

/** `by` is the violation that the checker finds in the world made of the other arguments. */
export function caught(by: string, ...parts: Parameters<typeof world>): Mutant {
  return { by, broken: world(...parts) };
}

type Follow = (task: Task, reply: Reply, tasks: readonly Task[]) => readonly Task[];

/** The protocol with other tasks after some step. `tasks` are those of the sound protocol. */
export function following(change: Follow): Pick<World, "protocol"> {
  const follow: Protocol["follow"] = (task, reply) => change(task, reply, sound.follow(task, reply));
  return { protocol: { ...sound, follow } };
}

/** A store that ignores some conditions of some updates. */
export function unconditional(
  isIgnored: (condition: Condition, update: Update) => boolean,
): Pick<World, "apply"> {
  return {
    apply: (current, update) =>
      applyUpdate(current, { ...update, when: update.when.filter((each) => !isIgnored(each, update)) }),
  };
}

export function isRefused(reply: Reply): boolean {
  return !(reply as Replies["update"]).applied;
}

export function isOfNode({ key }: Update): boolean {
  return key.startsWith("node/");
}

export function isOfBatch({ key }: Update): boolean {
  return key.startsWith("batch/");
}
