/**
 * Finishes what nobody works on any more: a process that died between its record and its message, or a
 * message that the platform lost. Whatever is missing is sent again. Each message is harmless if it was not
 * lost: chunks look first whether they are settled, and all other steps may be repeated.
 */
import type { Step, Task } from "./task.ts";

const recover: Step<"recover", "lost"> = {
  effect: ({ batch }) => ({ kind: "lost", batch }),
  follow({ batch }, { plan, chunks, nodes }) {
    const tasks: Task[] = [];
    if (chunks.length > 0) tasks.push({ do: "send", queue: "worker", messages: chunks });
    if (nodes.length > 0) {
      const messages = nodes.map((node) => ({ kind: "merge", node, attempt: 1 }) as const);
      tasks.push({ do: "send", queue: "join", messages });
    }
    if (plan !== null) {
      tasks.push({ do: "send", queue: "coordinator", messages: [{ kind: "plan", batch, entry: plan }] });
    }
    return tasks;
  },
};

export const recovering = { recover };
