/**
 * The steps of a redrive: lay a generation of nodes over the closed tree, then send the chunks that are to be
 * done again. All nodes are laid before the first message is sent.
 *
 * The nodes to lay follow from the closed tree, which never changes. So laying twice writes the same records,
 * and a coordinator that takes over begins again from the first page. One that runs out of time says in a
 * message from which node on the next one goes on; what comes before is laid, or sent.
 *
 * If the plan was short, the nodes of its right edge are laid open, and planning goes on after the launch.
 */
import { isEnding, isIn } from "../records/batch/batch.ts";
import { extensionOf, laid, launched } from "../records/batch/redriving.ts";
import { isPaused, isToRelaunch } from "../records/batch/pausing.ts";
import type { Step, Task } from "./task.ts";

const lay: Step<"lay", "survey"> = {
  effect: ({ batch, generation, page }) => ({ kind: "survey", phase: "lay", batch, generation, page }),
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

/** All nodes are laid. The messages are sent, unless the batch was asked to end meanwhile. */
const laidStep: Step<"laid", "update"> = {
  effect: ({ batch, generation }) => ({ kind: "update", update: laid(batch, generation) }),
  follow({ batch, generation }, { applied, record }) {
    if (!applied || !isIn(record, generation) || isPaused(record)) return [];
    if (isEnding(record)) return [readOn(batch)];
    return [{ do: "launch", batch, generation, page: 0 }];
  },
};

/**
 * A node with nothing to redo below it is full as it is laid. No child will settle in it, so its join is sent
 * here.
 */
const launch: Step<"launch", "survey"> = {
  effect: ({ batch, generation, page }) => ({ kind: "survey", phase: "launch", batch, generation, page }),
  follow({ batch, generation, page }, { layers, more }) {
    const tasks: Task[] = [];
    for (const { node, full, chunks } of layers) {
      if (chunks.length > 0) tasks.push({ do: "send", queue: "worker", messages: chunks });
      if (full) tasks.push({ do: "send", queue: "join", messages: [{ kind: "merge", node, attempt: 1 }] });
    }
    tasks.push(
      more ? { do: "launch", batch, generation, page: page + 1 } : { do: "launched", batch, generation },
    );
    return tasks;
  },
};

/** All messages are sent. A plan that was short goes on from here, and so does a batch that was paused. */
const launchedStep: Step<"launched", "update"> = {
  effect: ({ batch, generation }) => ({ kind: "update", update: launched(batch, generation) }),
  follow({ batch }, { applied, record }) {
    const goesOn = applied && (extensionOf(record) || isEnding(record) || isToRelaunch(record));
    return goesOn ? [readOn(batch)] : [];
  },
};

/** The coordinator reads the batch, and does what comes next. */
function readOn(batch: string): Task {
  return { do: "read-entry", batch, entry: 0, last: null, sent: false };
}

export const redriving = { lay, "lay-node": layNode, laid: laidStep, launch, launched: launchedStep };
