/** The messages in the queues. They carry names and ranges, never data. */
import type { Json } from "../json/json.ts";
import type { Segment } from "./contribution.ts";
import type { SourceRun } from "./source-run.ts";
import type { NodeId } from "./tree.ts";

/**
 * How often a message is received before it becomes a dead letter. Every platform is configured with it, and
 * the dead-letter function counts attempts by it.
 */
export const MAX_RECEIVES = 3;

export type QueueName = "coordinator" | "worker" | "join" | "dead-letter";

/**
 * Plan this batch, or bring it to its end. `entry` is a hint: the newest plan entry that the sender knows,
 * from which planning goes on.
 */
export interface PlanMessage {
  readonly kind: "plan";
  readonly batch: string;
  readonly entry: number;
  /** Where the survey of a redrive goes on. Without it, or if it does not fit, the survey begins anew. */
  readonly survey?: SurveyPlace;
  /** How far the list of the batch's objects has come. Without it, the list begins anew. */
  readonly listing?: ListPlace;
}

/** An unfinished list of the objects of a batch. */
export interface ListPlace {
  /** The newest key below a prefix, or the number of entries of a manifest that were listed. */
  readonly after: string | number;
  /** The number of objects so far, their sizes and that of the last one, and the bytes of their lines. */
  readonly count: number;
  readonly bytes: number;
  readonly lastBytes: number;
  readonly end: number;
  /** Whether the sizes are those of the text to be read. */
  readonly measured: boolean;
  /** Where the index of the list is, and its lines, in order. */
  readonly index: readonly Segment[];
  readonly lines: readonly Segment[];
}

/** A node among the layers of a redrive, leaves first, while they are laid or launched. */
export interface SurveyPlace {
  readonly phase: "lay" | "launch";
  readonly generation: number;
  readonly level: number;
  readonly index: number;
}

/**
 * Text of a source that cannot be positioned, written out by the planner. It begins at byte `base` of the
 * unpacked source.
 */
export interface Spool extends Segment {
  readonly base: number;
  /** Why the source cannot be read any further. The chunk stands for the rest of it. */
  readonly damage?: string;
  /** Beside `damage`: items before it may be wrong, too. */
  readonly inDoubt?: true;
}

/** Work on `start` up to `end` (exclusive) of source number `source`, in the reader's unit. */
interface RangeMessage {
  readonly batch: string;
  readonly generation: number;
  readonly chunk: number;
  /** From 1. The number of a delivery's attempt is this plus its receive count minus 1. */
  readonly attempt: number;
  readonly source: number;
  readonly start: number;
  readonly end: number;
  /** The range is a run of whole sources, or a part of one; `source` is the first source of the run. */
  readonly run?: SourceRun;
  /** Where the range is read, if the source itself cannot be positioned. */
  readonly spool?: Spool;
  /** CRC-32 of the range in the spool. */
  readonly crc?: number;
  /** In a redrive: the tag that the chunk was settled with before. Absent if it was not settled. */
  readonly former?: string;
  /** In a redrive: the chunk was planned by it. Nothing was counted for the chunk before. */
  readonly fresh?: true;
  /** How often the chunk was given back until later, because a limit had no calls for it. Absent: never. */
  readonly waits?: number;
  /** How long its items have waited before, because they were asked to, in milliseconds. Absent: not. */
  readonly waitedMs?: number;
  /** The chunk may have been sent before. A worker looks first whether it is settled. */
  readonly look?: true;
  /** The chunk is for the job's larger function: so many attempts at it had ended before. */
  readonly larger?: number;
}

/**
 * Run one chunk. `run`: its range is a run of sources. A kind of its own: a fanjoin that knows no runs would
 * read a part of the first source.
 */
export interface WholeMessage extends RangeMessage {
  readonly kind: "chunk" | "run";
}

/** The kind of the message of a whole chunk. */
export function kindOf({ run }: Pick<RangeMessage, "run">): WholeMessage["kind"] {
  return run === undefined ? "chunk" : "run";
}

/**
 * Run a part of a chunk that was cut (`split.ts`). A kind of its own: a fanjoin that knows no parts would
 * count it as the chunk. `former` is the tag that holds what the part came to before.
 */
export interface PartMessage extends RangeMessage {
  readonly kind: "part";
  /** The number of the part. */
  readonly part: number;
}

/**
 * Run a chunk once more, beside its first message, because it takes long. The first to settle it counts. A
 * hedge is run once at most, gives nothing up and cuts nothing: the chunk stays the first message's. A kind
 * of its own, so that a fanjoin that knows no hedges does not take it for that message.
 */
export interface HedgeMessage extends RangeMessage {
  readonly kind: "hedge";
}

export type ChunkMessage = WholeMessage | PartMessage | HedgeMessage;

/** Whether nothing was counted for the chunk or part before its message was sent. */
export function isFresh(message: ChunkMessage): boolean {
  if (message.kind === "part") return message.former === undefined;
  return message.generation === 0 || message.fresh === true;
}

/** A first message of a chunk: of a range, or of a run of sources. */
export function isWholeMessage(message: Message): message is WholeMessage {
  return message.kind === "chunk" || message.kind === "run";
}

export function isChunkMessage(message: Message): message is ChunkMessage {
  return (
    message.kind === "chunk" || message.kind === "run" || message.kind === "part" || message.kind === "hedge"
  );
}

/** Nothing depends on the message: where it fails, it is dropped. Only first messages give chunks up. */
export function isOptional(message: Message): message is HedgeMessage | StragglersMessage | ReportMessage {
  return message.kind === "hedge" || message.kind === "stragglers" || message.kind === "report";
}

/** Names a chunk or part within its generation. */
export function workName({ chunk, part }: { readonly chunk: number; readonly part?: number }): string {
  return part === undefined ? `${chunk}` : `${chunk}.${part}`;
}

/** `merge`: join the children of a full node. `seal`: seal the leaves below the node, then join them. */
export interface NodeMessage {
  readonly kind: "merge" | "seal";
  readonly node: NodeId;
  readonly attempt: number;
  /** A merge that goes on: the partial of this tag is what the first children come to. */
  readonly merged?: MergedPart;
}

/** Look for stragglers among the chunks of a leaf, and hedge them. Nothing depends on this message. */
export interface StragglersMessage {
  readonly kind: "stragglers";
  readonly node: NodeId;
  readonly attempt: number;
  /** How long it was delayed. The next look at the same leaf waits twice as long. */
  readonly delayMs: number;
}

/** What an unfinished merge of a node has come to. */
export interface MergedPart {
  readonly tag: string;
  readonly children: number;
}

/** Tell of the end of this batch. Whom, the job of the batch says, and its record says who is left. */
export interface NewsMessage {
  readonly kind: "news";
  readonly batch: string;
}

/**
 * Make the report of this batch, which has ended, and keep it beside its result. Nothing depends on this
 * message.
 */
export interface ReportMessage {
  readonly kind: "report";
  readonly batch: string;
}

/** Start the batch of a time in a job's schedule, in milliseconds since the epoch. */
export interface TickMessage {
  readonly kind: "tick";
  readonly job: string;
  readonly at: number;
  readonly params: Json;
  readonly input: Json;
  readonly overlap: "skip" | "queue";
}

export type Message =
  | PlanMessage
  | ChunkMessage
  | NodeMessage
  | StragglersMessage
  | NewsMessage
  | ReportMessage
  | TickMessage;

/** The batch that a message is about. That of a schedule has no batch yet: its messages keep together. */
export function batchOf(message: Message): string {
  if (message.kind === "tick") return `schedule-${message.job}`;
  return "node" in message ? message.node.batch : message.batch;
}
