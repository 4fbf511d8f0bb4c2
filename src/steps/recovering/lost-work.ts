/**
 * Finds what nobody may be working on any more: chunks without a tag, final nodes that are not settled in
 * their parent, and planning that is not over. It walks down from the root, through children without a tag.
 */
import { generationOf, hasEnded, isEnding } from "../../core/records/batch/batch.ts";
import { isLaunched } from "../../core/records/batch/redriving.ts";
import { isPaused, isToRelaunch, launchOf } from "../../core/records/batch/pausing.ts";
import type { ChunkMessage } from "../../core/records/message.ts";
import type { Fields } from "../../core/records/record.ts";
import type { Lost } from "../../core/protocol/task.ts";
import { openParts, splitOf } from "../../core/records/split.ts";
import type { SplitView } from "../../core/records/split.ts";
import { FAN_IN, NodeView, nodeKey, rightEdge } from "../../core/records/tree.ts";
import type { NodeId } from "../../core/records/tree.ts";
import { chunksUpTo, newestEntry } from "../../batch/summary/newest-entry.ts";
import type { NewestEntry } from "../../batch/summary/newest-entry.ts";
import { openSplits } from "../../batch/summary/open-splits.ts";
import { readBatch } from "../../batch/spec.ts";
import type { Ledger } from "../../ports.ts";
import { chunkMessages } from "./chunk-messages.ts";

type Reading = Pick<Ledger, "read">;

/** About so many chunks and nodes at a time. The others are found later. */
const MOST = 1_000;

/** `from`: after a pause, from this chunk on; `null`: wherever work may be lost. */
export async function lostWork(ledger: Reading, batch: string, from: number | null = null): Promise<Lost> {
  const fields = await readBatch(ledger, batch);
  if (!fields || hasEnded(fields) || isPaused(fields)) return NOTHING;
  // The coordinator sees what comes next.
  const isFirst = from === null && isToRelaunch(fields);
  if (isEnding(fields) || !isStarted(fields) || isFirst) return { ...NOTHING, plan: 0 };
  const newest = await newestEntry(ledger, batch, FRESH);
  const plan = fields["chunks"] === undefined ? (newest?.entry ?? 0) : null;
  const chunks: ChunkMessage[] = [];
  const nodes: NodeId[] = [];
  const chunkOf = chunkMessages(ledger, batch, fields);
  for await (const { node, view, open } of openNodes(ledger, { batch, fields, newest, from: from ?? 0 })) {
    if (view.final) nodes.push(node);
    else {
      const splits = await openSplits(ledger, node, open);
      for (const chunk of open) {
        const message = await chunkOf(node, view, chunk);
        const split = splits.get(chunk);
        if (split?.full) nodes.push(splitOf(message));
        else chunks.push(...(split ? openParts(split, message) : [message]));
      }
    }
    if (nodes.length + chunks.length >= MOST) return { plan, chunks, nodes, more: chunkAfter(node, newest) };
  }
  return { plan, chunks, nodes, more: null };
}

const NOTHING: Lost = { plan: null, chunks: [], nodes: [], more: null };

/** The first chunk behind a node; `null`: there is none. */
function chunkAfter({ index, level }: NodeId, newest: NewestEntry | null): number | null {
  const next = (index + 1) * FAN_IN ** (level + 1);
  return next < chunksUpTo(newest) ? next : null;
}

/** Where a batch stands. */
export interface ProgressMark {
  /** Changes with each plan entry, and with each settle in the first node that is open. */
  readonly text: string;
  /** Whether a coordinator has begun: something is planned, or the messages of a redrive are sent. */
  readonly begun: boolean;
}

export async function progressMark(ledger: Reading, batch: string, fields: Fields): Promise<ProgressMark> {
  const generation = generationOf(fields);
  if (!isStarted(fields)) return { text: `${generation}: not launched`, begun: false };
  // After a pause the time counts anew.
  const launch = launchOf(fields);
  const before = launch === 0 ? `${generation}` : `${generation} after ${launch} pauses`;
  if (isToRelaunch(fields)) return { text: `${before}: not launched`, begun: false };
  const isPlanned = fields["chunks"] !== undefined;
  const newest = await newestEntry(ledger, batch, FRESH);
  const begun = isPlanned || newest !== null;
  const plan = isPlanned ? "planned" : `entry ${newest?.entry ?? "none"}`;
  const first = begun ? await openNodes(ledger, { batch, fields, newest, from: 0 }).next() : null;
  if (!first || first.done) return { text: `${before}: ${plan}`, begun };
  const { node, view, open } = first.value;
  // A chunk that was cut may take as long as it likes, if its parts are settled or cut meanwhile.
  const splits = node.level === 0 ? await openSplits(ledger, node, open) : new Map<number, SplitView>();
  const parts = [...splits.values()].reduce((sum, { settled, expects }) => sum + settled + expects, 0);
  const at = `${view.settled} in ${node.level}/${node.index}${parts > 0 ? `, ${parts} in parts` : ""}`;
  return { text: `${before}: ${plan}, ${at}`, begun };
}

const FRESH = { stale: false } as const;

function isStarted(fields: Fields): boolean {
  return generationOf(fields) === 0 || isLaunched(fields);
}

interface OpenNode {
  readonly node: NodeId;
  readonly view: NodeView;
  /** The planned children without a tag, by their numbers on their level. */
  readonly open: readonly number[];
}

interface OpenTree {
  readonly batch: string;
  readonly fields: Fields;
  readonly newest: NewestEntry | null;
  /** Chunks before this one are passed over. */
  readonly from: number;
}

/**
 * Nodes at which work is open, in the order of their chunks: final nodes without a tag in their parent (or
 * the root), and leaves that are not final. A subtree that is settled is not read.
 */
async function* openNodes(
  ledger: Reading,
  { batch, fields, newest, from }: OpenTree,
): AsyncGenerator<OpenNode> {
  const chunks = chunksUpTo(newest);
  const level = rightEdge(chunks, FAN_IN).length - 1;
  yield* below([{ batch, generation: generationOf(fields), level, index: 0 }]);

  async function* below(nodes: readonly NodeId[]): AsyncGenerator<OpenNode> {
    const records = await ledger.read(nodes.map(nodeKey));
    for (const [at, node] of nodes.entries()) {
      const view = new NodeView(records[at] ?? null, FAN_IN);
      const open = openChildren(node, view);
      if (view.final || node.level === 0) yield { node, view, open };
      else yield* below(open.map((index) => ({ ...node, level: node.level - 1, index })));
    }
  }

  function openChildren(node: NodeId, view: NodeView): number[] {
    const width = FAN_IN ** node.level;
    const open = view.tags().flatMap((tag, child) => (tag === null ? [node.index * FAN_IN + child] : []));
    return open.filter((index) => index * width < chunks && (index + 1) * width > from);
  }
}
