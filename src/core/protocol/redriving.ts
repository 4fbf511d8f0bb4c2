/**
 * The steps of a redrive: lay a generation of nodes over the closed tree, then send the chunks that are to be
 * done again. All nodes are laid before the first message is sent.
 *
 * The nodes to lay follow from the closed tree, which never changes. So laying twice writes the same records,
 * and a coordinator that takes over begins again from the first page.
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
 * All nodes are laid. If the batch was asked to end meanwhile, it is sealed from its root downwards. If not,
 * the messages are sent.
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
 * A node with nothing to redo below it is full as it is laid. No child will settle in it, so its join is sent
 * here.
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
