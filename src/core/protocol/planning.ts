/**
 * The steps of a planner: extend the plan entry by entry, send the messages of each entry, and at the end of
 * the plan close the tree's right edge.
 */
import { batchKey, endBatch, generationOf, hasEnded, isEnding, planned } from "../records/batch/batch.ts";
import { extensionOf, isLaid, isLaunched } from "../records/batch/redriving.ts";
import { isPaused, isToRelaunch, launchOf } from "../records/batch/pausing.ts";
import { kindOf } from "../records/message.ts";
import type { ChunkMessage } from "../records/message.ts";
import { parseEntry, planKey, writeEnd, writeEntry } from "../records/plan.ts";
import type { PlanEntry } from "../records/plan.ts";
import type { Step, Task, TaskOf } from "./task.ts";
import type { Fields } from "../records/record.ts";
import { advance } from "./advancing.ts";
import { sealAll } from "./settling.ts";
import { close, NodeView, rightEdge } from "../records/tree.ts";
import type { NodeId } from "../records/tree.ts";

/**
 * Reads the next number of the plan, and adopts an entry that another planner wrote. A planner sends the
 * messages of an entry before it writes the next one. So if an entry exists, the messages of all entries
 * before it were sent, and a planner that takes over sends only those of the last entry.
 */
const readEntry: Step<"read-entry", "read"> = {
  effect: ({ batch, entry }) => ({ kind: "read", keys: [batchKey(batch), planKey(batch, entry)] }),
  follow(task, [record, found], fanIn) {
    if (!record || hasEnded(record) || isPaused(record)) return [];
    const generation = generationOf(record);
    const elsewhere =
      generation > 0 ? redriveFirst(task, record, found ?? null, fanIn) : relaunchFirst(task, record);
    if (elsewhere) return elsewhere;
    const { batch, entry, last, sent } = task;
    if (found) return adopt({ batch, generation, entry, last }, found);
    if (isEnding(record)) {
      return [
        { do: "write-end", batch, entry, last, end: { end: chunksAfter(last), short: true, generation } },
      ];
    }
    if (last && !sent) {
      return [
        { do: "dispatch", batch, generation, plan: last, look: true },
        { do: "read-entry", batch, entry, last, sent: true },
      ];
    }
    return [{ do: "cut", batch, generation, entry, last }];
  },
};

/**
 * What a coordinator does in a redrive instead of reading the plan at `entry`; `null`: nothing. A redrive
 * plans only if the plan was short, and only once its nodes are laid and its messages are sent. It begins at
 * the newest entry with ranges, so that it knows where the next range begins.
 */
function redriveFirst(
  { batch, entry, last }: TaskOf<"read-entry">,
  record: Fields,
  found: Fields | null,
  fanIn: number,
): readonly Task[] | null {
  const generation = generationOf(record);
  if (!isLaid(record)) return [{ do: "lay", batch, generation, page: 0 }];
  if (!isLaunched(record) && !isEnding(record)) return [{ do: "laid", batch, generation }];
  const again = relaunchFirst({ batch }, record);
  if (again) return again;
  const extension = extensionOf(record);
  if (!extension)
    return isEnding(record) ? [sealAll(batch, generation, Number(record["chunks"]), fanIn)] : [];
  const { extend } = extension;
  const isBehindIt = last === null && entry > extend && found !== null && endsBefore(found, generation);
  if (entry >= extend && !isBehindIt) return null;
  return [{ do: "read-entry", batch, entry: extend, last: null, sent: true }];
}

/** After a pause, what was sent before is sent again, before planning goes on. `null`: it was. */
function relaunchFirst({ batch }: { batch: string }, record: Fields): readonly Task[] | null {
  if (isEnding(record) || !isToRelaunch(record)) return null;
  const generation = generationOf(record);
  return [{ do: "relaunch", batch, generation, launch: launchOf(record), from: 0 }];
}

/** Whether a record of the plan is the END of a generation before this one. */
function endsBefore(found: Fields, generation: number): boolean {
  const parsed = parseEntry(0, found);
  return "end" in parsed && parsed.generation < generation;
}

const cut: Step<"cut", "cut"> = {
  effect: ({ batch, last }) => ({ kind: "cut", batch, last }),
  follow({ batch, generation, entry, last }, found) {
    if ("code" in found) return [{ do: "give-up", batch, entry, last, error: found }];
    const first = chunksAfter(last);
    if (found.ranges.length === 0) {
      return [{ do: "write-end", batch, entry, last, end: { end: first, short: false, generation } }];
    }
    return [{ do: "write-entry", batch, generation, plan: { entry, first, ...found }, last }];
  },
};

/** An input that cannot be read any further ends its batch. */
const giveUp: Step<"give-up", "update"> = {
  effect: ({ batch, error }) => ({ kind: "update", update: endBatch(batch, "input", error) }),
  follow: ({ batch, entry, last }) => [{ do: "read-entry", batch, entry, last, sent: true }],
};

const writeEntryStep: Step<"write-entry", "update"> = {
  effect: ({ batch, plan }) => ({ kind: "update", update: writeEntry(batch, plan) }),
  follow({ batch, generation, plan, last }, reply) {
    const { entry } = plan;
    if (!reply.applied && reply.record) return adopt({ batch, generation, entry, last }, reply.record);
    return [
      { do: "dispatch", batch, generation, plan, look: false },
      { do: "read-entry", batch, entry: plan.entry + 1, last: plan, sent: true },
    ];
  },
};

const writeEndStep: Step<"write-end", "update"> = {
  effect: ({ batch, entry, end }) => ({ kind: "update", update: writeEnd(batch, entry, end) }),
  follow({ batch, entry, last, end }, reply) {
    const { generation } = end;
    if (!reply.applied && reply.record) return adopt({ batch, generation, entry, last }, reply.record);
    return [{ do: "close", batch, end, level: 0 }];
  },
};

const dispatch: Step<"dispatch", "send"> = {
  effect: (task) => ({ kind: "send", queue: "worker", messages: chunkMessages(task) }),
  follow: () => [],
};

/**
 * Closes one level of the right edge. Either this or the last settle comes second, and sees the full node.
 */
const closeStep: Step<"close", "update"> = {
  effect(task, fanIn) {
    const { node, expects, root } = edgeAt(task, fanIn);
    return { kind: "update", update: close(node, expects, root) };
  },
  follow(task, reply, fanIn) {
    const { node, root } = edgeAt(task, fanIn);
    const { batch, end, level } = task;
    const view = new NodeView(reply.record, fanIn);
    return [
      ...advance(node, view, fanIn),
      root ? { do: "planned", batch, end, full: view.full } : { do: "close", batch, end, level: level + 1 },
    ];
  },
};

/** The edge is closed, so planning is over. A full root has been sent to its join. */
const plannedStep: Step<"planned", "update"> = {
  effect: ({ batch, end }) => ({ kind: "update", update: planned(batch, end) }),
  follow({ batch, end, full }, { applied, record }, fanIn) {
    if (full || !applied || !isEnding(record) || hasEnded(record)) return [];
    return [sealAll(batch, end.generation, end.end, fanIn)];
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

/**
 * Goes on from an entry that exists. A planner of a later generation passes the END of an earlier one. The
 * messages before that END are the earlier generation's, so they are not sent.
 */
function adopt(
  { batch, generation, entry, last }: Omit<TaskOf<"cut">, "do">,
  found: Fields,
): readonly Task[] {
  const parsed = parseEntry(entry, found);
  const next = entry + 1;
  if (!("end" in parsed)) return [{ do: "read-entry", batch, entry: next, last: parsed, sent: false }];
  if (parsed.generation < generation) return [{ do: "read-entry", batch, entry: next, last, sent: true }];
  return [{ do: "close", batch, end: parsed, level: 0 }];
}

/** How many chunks the plan has, `last` included. */
function chunksAfter(last: PlanEntry | null): number {
  return last ? last.first + last.ranges.length : 0;
}

function chunkMessages({ batch, generation, plan, look }: TaskOf<"dispatch">): ChunkMessage[] {
  const { first, ranges, spool } = plan;
  const marks = {
    ...(spool ? { spool } : {}),
    ...(generation > 0 ? { fresh: true as const } : {}),
    ...(look ? { look } : {}),
  };
  const hasMarks = Object.keys(marks).length > 0;
  return ranges.map((range, index) => {
    const { source, start, end, run, crc } = range;
    // Nearly all are such: a literal without a spread.
    if (!hasMarks && run === undefined && crc === undefined)
      return { kind: "chunk", batch, generation, chunk: first + index, attempt: 1, source, start, end };
    return { kind: kindOf(range), batch, generation, chunk: first + index, attempt: 1, ...range, ...marks };
  });
}

function edgeAt(
  { batch, end: { end, generation }, level }: TaskOf<"close">,
  fanIn: number,
): { node: NodeId; expects: number; root: boolean } {
  const edge = rightEdge(end, fanIn)[level];
  if (!edge) throw new RangeError(`a tree over ${end} chunks has no level ${level}`);
  return { node: { batch, generation, level, index: edge.index }, ...edge };
}
