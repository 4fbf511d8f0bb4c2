/**
 * Sends again what has no tag: after a pause, in which chunks were acknowledged unrun, and where nobody works
 * on it any more, because a process died between its record and its message, or the platform lost a message.
 * Each message is harmless if it was not lost: chunks look first whether they are settled, and all other
 * steps may be repeated.
 */
import { isEnding } from "../records/batch/batch.ts";
import { relaunched } from "../records/batch/pausing.ts";
import type { Lost, Step, Task } from "./task.ts";

const recover: Step<"recover", "lost"> = {
  effect: ({ batch }) => ({ kind: "lost", batch, from: null }),
  follow({ batch }, lost) {
    const { plan } = lost;
    if (plan === null) return sendAgain(lost);
    const wake: Task = {
      do: "send",
      queue: "coordinator",
      messages: [{ kind: "plan", batch, entry: plan }],
    };
    return [...sendAgain(lost), wake];
  },
};

/** It is recorded after the last send: a coordinator that dies before that is followed by another one. */
const relaunch: Step<"relaunch", "lost"> = {
  effect: ({ batch, from }) => ({ kind: "lost", batch, from }),
  follow({ batch, generation, launch }, lost) {
    const { plan, more } = lost;
    const next: Task =
      more === null
        ? { do: "relaunched", batch, generation, launch, plan }
        : { do: "relaunch", batch, generation, launch, from: more };
    return [...sendAgain(lost), next];
  },
};

/** Planning goes on where it stopped. If it is over, there is only an end to be seen. */
const relaunchedStep: Step<"relaunched", "update"> = {
  effect: ({ batch, generation, launch }) => ({
    kind: "update",
    update: relaunched(batch, generation, launch),
  }),
  follow({ batch, plan }, { applied, record }) {
    if (!applied || (plan === null && !isEnding(record))) return [];
    return [{ do: "read-entry", batch, entry: plan ?? 0, last: null, sent: false }];
  },
};

export const recovering = { recover, relaunch, relaunched: relaunchedStep };

function sendAgain({ chunks, nodes }: Lost): Task[] {
  const tasks: Task[] = [];
  if (chunks.length > 0) tasks.push({ do: "send", queue: "worker", messages: chunks });
  if (nodes.length > 0) {
    const messages = nodes.map((node) => ({ kind: "merge", node, attempt: 1 }) as const);
    tasks.push({ do: "send", queue: "join", messages });
  }
  return tasks;
}
