/** The steps of a worker, and the step that all functions share: settle, and take a full node's next step. */
import { batchKey, generationOf, hasEnded, isEnding } from "../records/batch/batch.ts";
import { isPaused, launchOf } from "../records/batch/pausing.ts";
import { isWholeMessage, workName } from "../records/message.ts";
import type { ChunkMessage } from "../records/message.ts";
import type { Fields } from "../records/record.ts";
import { SplitView, splitOf, viewOf, withoutChunks } from "../records/split.ts";
import { advance } from "./advancing.ts";
import { afterCut, cutTask } from "./splitting.ts";
import type { Done, Step, Task } from "./task.ts";
import { leafOf, nodeKey, NodeView, rightEdge, settle, SPLIT_LEVEL } from "../records/tree.ts";
import { sumTotals } from "../records/totals.ts";
import type { NodeId } from "../records/tree.ts";

/**
 * Chunks of a batch that is to end or is paused, or of an older generation, are not run. A chunk that was
 * delivered before may be settled already or cut, so its leaf and its split are read first. So are those of a
 * part. After a pause this holds for every chunk: its message may be one that the resume has sent again.
 */
const start: Step<"start", "read"> = {
  effect: ({ chunks, again }, fanIn) => ({
    kind: "read",
    keys: [
      batchKey(chunks[0]?.batch ?? ""),
      ...looked(chunks, again).flatMap((message) => [
        nodeKey(leaf(message, fanIn)),
        nodeKey(splitOf(message)),
      ]),
    ],
  }),
  follow({ chunks, again }, [record, ...found], fanIn) {
    if (!record || hasEnded(record) || isEnding(record) || isPaused(record)) return [];
    if (launchOf(record) > 0 && looked(chunks, again).length < chunks.length)
      return [{ do: "start", chunks, again: chunks.map(({ chunk }) => chunk) }];
    const settled = new Set<ChunkMessage>();
    const tasks: Task[] = [];
    looked(chunks, again).forEach((message, index) => {
      const [above, split] = found.slice(2 * index);
      const next = nextOf(message, above ?? null, split ?? null, fanIn);
      if (next === null) return;
      settled.add(message);
      tasks.push(...next);
    });
    const current = generationOf(record);
    const inGeneration = chunks.filter(({ generation }) => generation === current);
    const open = distinct(inGeneration).filter((message) => !settled.has(message));
    return open.length === 0 ? tasks : [...tasks, { do: "work", chunks: open }];
  },
};

/**
 * A bundle may hold two copies of one message. If both ran, the chunk would count twice. A hedge gives way to
 * the first message of its chunk: only that one comes again.
 */
function distinct(chunks: readonly ChunkMessage[]): readonly ChunkMessage[] {
  if (areAscending(chunks)) return chunks;
  const byName = new Map<string, ChunkMessage>();
  for (const message of chunks) {
    const name = workName(message);
    if (message.kind !== "hedge" || !byName.has(name)) byName.set(name, message);
  }
  return [...byName.values()];
}

/** Nearly all bundles are: no name of theirs has to be made. */
function areAscending(chunks: readonly ChunkMessage[]): boolean {
  let last = -1;
  for (const message of chunks) {
    if (!isWholeMessage(message) || message.chunk <= last) return false;
    last = message.chunk;
  }
  return true;
}

/**
 * What follows for a chunk or part that is not to be run; `null`: it is to be run. A chunk that was cut needs
 * no hedge.
 */
function nextOf(
  message: ChunkMessage,
  above: Fields | null,
  split: Fields | null,
  fanIn: number,
): readonly Task[] | null {
  const view = new NodeView(above, fanIn);
  if (view.tag(message.chunk % fanIn) !== null) return advance(leaf(message, fanIn), view, fanIn);
  if (message.kind === "hedge") return split && [];
  if (message.kind !== "part") return split && afterCut(message, split, fanIn);
  const isOpen = split !== null && new SplitView(split).tag(message.part) === null;
  return isOpen ? null : afterCut(message, split, fanIn);
}

const work: Step<"work", "work"> = {
  effect: ({ chunks }) => ({ kind: "work", chunks }),
  follow(task, { tag, keep, done, cuts = [] }, fanIn) {
    // A hedge is done as a whole, or nothing of it counts.
    const own = cuts.filter(({ message }) => message.kind !== "hedge");
    const then = [...settleTasks(task.chunks, done, tag, fanIn), ...own.map((cut) => cutTask(cut, tag))];
    if (then.length === 0) return [];
    return keep ? [{ do: "keep", keep, then, otherwise: task }] : then;
  },
};

/** Keeps what an attempt made under its tag. If the tag is taken, the attempt is made again under another. */
const keep: Step<"keep", "update"> = {
  effect: (task) => ({ kind: "update", update: task.keep }),
  follow: ({ then, otherwise }, reply) => (reply.applied ? then : [otherwise]),
};

/**
 * Settles the children of one node that one attempt has finished. A refusal has four cases, in this order:
 * - All children have this attempt's tag: the reply to an earlier try was lost.
 * - The node is sealed: nothing is counted in it any more.
 * - Several children: one of them may be to blame, so they are settled one by one.
 * - One child that another attempt settled: that attempt may have died and left a full node behind.
 * A part that was cut by another attempt has left further parts behind: they are sent.
 */
const settleStep: Step<"settle", "update"> = {
  effect({ node, done, tag }) {
    const totals = sumTotals(done);
    const children = done.map(({ child }) => child);
    const counted = node.level === SPLIT_LEVEL ? withoutChunks(totals) : totals;
    return { kind: "update", update: settle(node, children, tag, counted) };
  },
  follow({ node, done, tag }, reply, fanIn) {
    const view = viewOf(node, reply.record, fanIn);
    if (reply.applied || done.every(({ child }) => view.tag(child) === tag))
      return advance(node, view, fanIn);
    if (view.sealed) return [];
    if (done.length > 1) return done.map((one) => ({ do: "settle", node, done: [one], tag }));
    const { message } = done[0] ?? {};
    if (message && node.level === SPLIT_LEVEL) return afterCut(message, reply.record, fanIn);
    return advance(node, view, fanIn);
  },
};

const send: Step<"send", "send"> = {
  effect: ({ queue, messages, at }) => ({
    kind: "send",
    queue,
    messages,
    ...(at === undefined ? {} : { at }),
  }),
  follow: () => [],
};

export const settling = { start, work, keep, settle: settleStep, send };

/** Seals a batch of `chunks` chunks, from its root downwards. */
export function sealAll(batch: string, generation: number, chunks: number, fanIn: number): Task {
  const node = { batch, generation, level: rightEdge(chunks, fanIn).length - 1, index: 0 };
  return { do: "send", queue: "join", messages: [{ kind: "seal", node, attempt: 1 }] };
}

function leaf({ batch, generation, chunk }: ChunkMessage, fanIn: number): NodeId {
  return { batch, generation, level: 0, index: leafOf(chunk, fanIn) };
}

/** The chunks of a task that may have been settled by an earlier delivery or cut, parts and hedges. */
function looked(chunks: readonly ChunkMessage[], again: readonly number[]): readonly ChunkMessage[] {
  return chunks.filter((message) => !isWholeMessage(message) || again.includes(message.chunk));
}

/** One settle for each leaf and each split: chunks of one leaf are settled together. */
function settleTasks(
  chunks: readonly ChunkMessage[],
  done: readonly Done[],
  tag: string,
  fanIn: number,
): Task[] {
  const [first] = chunks;
  if (!first) return [];
  const { batch, generation } = first;
  const byLeaf = new Map<number, Done[]>();
  const bySplit = new Map<number, Done[]>();
  for (const { child, part, totals } of done) {
    if (part === undefined) group(byLeaf, leafOf(child, fanIn)).push({ child: child % fanIn, totals });
    else {
      const message = chunks.find((one) => one.kind === "part" && one.chunk === child && one.part === part);
      group(bySplit, child).push({ child: part, totals, ...(message ? { message } : {}) });
    }
  }
  const tasks = (groups: ReadonlyMap<number, Done[]>, level: number): Task[] =>
    [...groups].map(([index, children]) => {
      return { do: "settle", node: { batch, generation, level, index }, done: children, tag };
    });
  return [...tasks(byLeaf, 0), ...tasks(bySplit, SPLIT_LEVEL)];
}

function group(groups: Map<number, Done[]>, index: number): Done[] {
  const known = groups.get(index);
  if (known) return known;
  const made: Done[] = [];
  groups.set(index, made);
  return made;
}
