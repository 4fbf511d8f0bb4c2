/**
 * The steps of a planner: extend the plan entry by entry, send the messages of each entry, and at the end of
 * the plan close the tree's right edge.
 */
import { batchKey, endBatch, generationOf, hasEnded, isEnding, planned } from "../records/batch.ts";
import type { ChunkMessage } from "../records/message.ts";
import { parseEntry, planKey, writeEnd, writeEntry } from "../records/plan.ts";
import type { PlanEntry } from "../records/plan.ts";
import type { Step, Task } from "./task.ts";
import type { Fields } from "../records/record.ts";
import { advance, sealAll } from "./settling.ts";
import { close, NodeView, rightEdge } from "../records/tree.ts";
import type { NodeId } from "../records/tree.ts";

/**
 * Reads the next number of the plan, and adopts an entry that another planner wrote. A planner sends the
 * messages of an entry before it writes the next one. So if an entry exists, the messages of all entries
 * before it were sent, and a planner that takes over sends only those of the last entry.
 */
const readEntry: Step<"read-entry", "read"> = {
  effect: ({ batch, entry }) => ({ kind: "read", keys: [batchKey(batch), planKey(batch, entry)] }),
  follow({ batch, entry, last, sent }, [record, found]) {
    if (!record || hasEnded(record)) return [];
    const generation = generationOf(record);
    if (generation > 0) {
      const isLaid = record["laid"] === generation;
      return [isLaid ? { do: "laid", batch, generation } : { do: "lay", batch, generation, page: 0 }];
    }
    if (found) return adopt(batch, entry, found);
    if (isEnding(record)) return [{ do: "write-end", batch, entry, chunks: chunksAfter(last), short: true }];
    if (last && !sent) {
      return [
        { do: "dispatch", batch, plan: last },
        { do: "read-entry", batch, entry, last, sent: true },
      ];
    }
    return [{ do: "cut", batch, entry, last }];
  },
};

const cut: Step<"cut", "cut"> = {
  effect: ({ batch, last }) => ({ kind: "cut", batch, last }),
  follow({ batch, entry, last }, found) {
    if ("code" in found) return [{ do: "give-up", batch, entry, last, error: found }];
    const first = chunksAfter(last);
    if (found.ranges.length === 0) return [{ do: "write-end", batch, entry, chunks: first, short: false }];
    return [{ do: "write-entry", batch, plan: { entry, first, ...found }, last }];
  },
};

/** An input that cannot be read any further ends its batch. */
const giveUp: Step<"give-up", "update"> = {
  effect: ({ batch, error }) => ({ kind: "update", update: endBatch(batch, "input", error) }),
  follow: ({ batch, entry, last }) => [{ do: "read-entry", batch, entry, last, sent: true }],
};

const writeEntryStep: Step<"write-entry", "update"> = {
  effect: ({ batch, plan }) => ({ kind: "update", update: writeEntry(batch, plan) }),
  follow({ batch, plan }, reply) {
    if (!reply.applied && reply.record) return adopt(batch, plan.entry, reply.record);
    return [
      { do: "dispatch", batch, plan },
      { do: "read-entry", batch, entry: plan.entry + 1, last: plan, sent: true },
    ];
  },
};

const writeEndStep: Step<"write-end", "update"> = {
  effect: ({ batch, entry, chunks, short }) => ({
    kind: "update",
    update: writeEnd(batch, entry, chunks, short),
  }),
  follow({ batch, entry, chunks }, reply) {
    if (!reply.applied && reply.record) return adopt(batch, entry, reply.record);
    return [{ do: "close", batch, chunks, level: 0 }];
  },
};

const dispatch: Step<"dispatch", "send"> = {
  effect: ({ batch, plan }) => ({ kind: "send", queue: "worker", messages: chunkMessages(batch, plan) }),
  follow: () => [],
};

/**
 * Closes one level of the right edge. Either this or the last settle comes second, and sees the full node.
 */
const closeStep: Step<"close", "update"> = {
  effect({ batch, chunks, level }, fanIn) {
    const { node, expects, root } = edgeAt(batch, chunks, level, fanIn);
    return { kind: "update", update: close(node, expects, root) };
  },
  follow({ batch, chunks, level }, reply, fanIn) {
    const { node, root } = edgeAt(batch, chunks, level, fanIn);
    return [
      ...advance(node, new NodeView(reply.record, fanIn), fanIn),
      root ? { do: "planned", batch, chunks } : { do: "close", batch, chunks, level: level + 1 },
    ];
  },
};

/** The edge is closed, so planning is over. */
const plannedStep: Step<"planned", "update"> = {
  effect: ({ batch, chunks }) => ({ kind: "update", update: planned(batch, chunks) }),
  follow({ batch, chunks }, { record }, fanIn) {
    if (!record || !isEnding(record) || hasEnded(record)) return [];
    return [sealAll(batch, 0, chunks, fanIn)];
  },
};

export const planning = {
  "read-entry": readEntry,
  cut,
  "give-up": giveUp,
  "write-entry": writeEntryStep,
  "write-end": writeEndStep,
  dispatch,
  close: closeStep,
  planned: plannedStep,
};

function adopt(batch: string, entry: number, found: Fields): readonly Task[] {
  const parsed = parseEntry(entry, found);
  if ("end" in parsed) return [{ do: "close", batch, chunks: parsed.end, level: 0 }];
  return [{ do: "read-entry", batch, entry: entry + 1, last: parsed, sent: false }];
}

/** How many chunks the plan has, `last` included. */
function chunksAfter(last: PlanEntry | null): number {
  return last ? last.first + last.ranges.length : 0;
}

function chunkMessages(batch: string, { first, ranges, spool }: PlanEntry): ChunkMessage[] {
  return ranges.map(({ source, start, end }, index) => {
    const chunk = first + index;
    const message = { kind: "chunk", batch, generation: 0, chunk, attempt: 1, source, start, end } as const;
    return spool ? { ...message, spool } : message;
  });
}

function edgeAt(
  batch: string,
  chunks: number,
  level: number,
  fanIn: number,
): { node: NodeId; expects: number; root: boolean } {
  const edge = rightEdge(chunks, fanIn)[level];
  if (!edge) throw new RangeError(`a tree over ${chunks} chunks has no level ${level}`);
  return { node: { batch, generation: 0, level, index: edge.index }, ...edge };
}
