/**
 * A redrive's steps: lay a generation of nodes over the closed tree, all of them before the first message is
 * sent, then send the chunks that are to be done again.
 *
 * What is laid follows from what is closed, which never changes: so laying twice writes the same records, and
 * whoever takes over begins from the start.
 */
import { isEnding, isIn, laid } from "../records/batch.ts";
import type { Step, Task } from "./task.ts";
import { sealAll } from "./settling.ts";

const lay: Step<"lay", "survey"> = {
  effect: ({ batch, generation, page }) => ({ kind: "survey", batch, generation, page }),
  follow({ batch, generation, page }, { layers, more }) {
    return [
      ...layers.map(({ update }): Task => ({ do: "lay-node", update })),
      more ? { do: "lay", batch, generation, page: page + 1 } : { do: "laid", batch, generation },
    ];
  },
};

const layNode: Step<"lay-node", "update"> = {
  effect: ({ update }) => ({ kind: "update", update }),
  follow: () => [],
};

/**
 * With all nodes laid, a batch that was asked to end is sealed from its root downwards; else its messages are
 * sent.
 */
const laidStep: Step<"laid", "update"> = {
  effect: ({ batch, generation }) => ({ kind: "update", update: laid(batch, generation) }),
  follow({ batch, generation }, { applied, record }, fanIn) {
    if (!applied || !isIn(record, generation)) return [];
    if (!isEnding(record)) return [{ do: "launch", batch, generation, page: 0 }];
    return [sealAll(batch, generation, Number(record["chunks"]), fanIn)];
  },
};

/**
 * A node below which nothing is to be done is full as it is laid, and nobody will settle in it: it is joined.
 */
const launch: Step<"launch", "survey"> = {
  effect: ({ batch, generation, page }) => ({ kind: "survey", batch, generation, page }),
  follow({ batch, generation, page }, { layers, more }) {
    const tasks: Task[] = [];
    for (const { node, full, chunks } of layers) {
      if (chunks.length > 0) tasks.push({ do: "send", queue: "worker", messages: chunks });
      if (full) tasks.push({ do: "send", queue: "join", messages: [{ kind: "merge", node, attempt: 1 }] });
    }
    if (more) tasks.push({ do: "launch", batch, generation, page: page + 1 });
    return tasks;
  },
};

export const redriving = { lay, "lay-node": layNode, laid: laidStep, launch };
