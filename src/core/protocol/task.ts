/** The vocabulary of the protocol: the kinds of tasks, what they ask of the world, and the replies. */
import type { Failure, Joined } from "../records/batch/batch.ts";
import type {
  ChunkMessage,
  HedgeMessage,
  MergedPart,
  Message,
  PartMessage,
  QueueName,
  SurveyPlace,
} from "../records/message.ts";
import type { Cut, PlanEnd, PlanEntry } from "../records/plan.ts";
import type { Fields, Update, Updated } from "../records/record.ts";
import type { ChunkCut } from "../records/split.ts";
import type { NodeId } from "../records/tree.ts";
import type { Totals } from "../records/totals.ts";

/**
 * A child that an attempt has finished, with its totals. In the reply to `work` it is a chunk, or with `part`
 * a part of it; in a settle it is the number within the node.
 */
export interface Done {
  readonly child: number;
  readonly part?: number;
  readonly totals: Totals;
  /** How long it was open, in milliseconds, where chunks share a thread: for people to see. */
  readonly tookMs?: number;
  /** In a settle of a part: its message, because the part may have been cut by somebody else. */
  readonly message?: ChunkMessage;
}

/** The tasks by name. */
export interface TaskFields {
  // Tasks of a planner. `last` is the newest entry with ranges before `entry`; `sent` says whether its
  // messages were sent. `look`: they may have been sent before.
  "read-entry": { batch: string; entry: number; last: PlanEntry | null; sent: boolean };
  cut: { batch: string; generation: number; entry: number; last: PlanEntry | null };
  "give-up": { batch: string; entry: number; last: PlanEntry | null; error: Failure };
  "write-entry": { batch: string; generation: number; plan: PlanEntry; last: PlanEntry | null };
  "write-end": { batch: string; entry: number; last: PlanEntry | null; end: PlanEnd };
  dispatch: { batch: string; generation: number; plan: PlanEntry; look: boolean };
  close: { batch: string; end: PlanEnd; level: number };
  // `full`: nothing is left to seal.
  planned: { batch: string; end: PlanEnd; full: boolean };
  // Tasks of a redrive.
  lay: { batch: string; generation: number; page: number };
  "lay-node": { update: Update };
  laid: { batch: string; generation: number };
  launch: { batch: string; generation: number; page: number };
  launched: { batch: string; generation: number };
  // The task that finishes what a process left behind.
  recover: { batch: string };
  // Tasks after a pause. All chunks from `from` on that have no tag are sent again. `plan`: as in `Lost`.
  relaunch: { batch: string; generation: number; launch: number; from: number };
  relaunched: { batch: string; generation: number; launch: number; plan: number | null };
  // Tasks of a worker. All chunks are of one batch. `again` are the numbers of redelivered chunks.
  start: { chunks: readonly ChunkMessage[]; again: readonly number[] };
  work: { chunks: readonly ChunkMessage[] };
  // Tasks of a worker whose attempt did not finish a chunk or part, and cut it.
  split: { cut: ChunkCut; tag: string };
  "read-split": { message: PartMessage; cut: ChunkCut; tag: string };
  "split-again": { message: PartMessage; cut: ChunkCut; tag: string; expects: number };
  // Tasks of a look for stragglers. `slow`: the chunks that are known to be slow; `null`: all that are open.
  hedge: { node: NodeId; slow: readonly number[] | null };
  "note-hedges": { note: Update; messages: readonly HedgeMessage[] };
  // Tasks of all functions.
  // `counted`: the totals of a node, which were counted when they were settled below it.
  settle: { node: NodeId; done: readonly Done[]; tag: string; counted?: true };
  keep: { keep: Update; then: readonly Task[]; otherwise: Task };
  // `at`: not before, in milliseconds since the epoch.
  send: { queue: QueueName; messages: readonly Message[]; at?: number };
  // Tasks of a join. `fields` is the record of the node; `batch` and `record` are the record of the batch.
  // `merged`: where an unfinished merge of the node has come to.
  "read-node": { node: NodeId; merged?: MergedPart | undefined };
  merge: { node: NodeId; fields: Fields; batch: Fields; merged?: MergedPart | undefined };
  commit: { batch: string; record: Fields; joined: Joined; at: number };
  descend: { node: NodeId };
  "find-splits": { node: NodeId; chunks: readonly number[]; batch: Fields };
  "seal-split": { node: NodeId; batch: Fields };
  seal: { node: NodeId };
}

export type TaskName = keyof TaskFields;
export type TaskOf<Name extends TaskName> = { readonly do: Name } & Readonly<TaskFields[Name]>;
export type Task = { [Name in TaskName]: TaskOf<Name> }[TaskName];

/** What a task asks of the world. */
export type Effect =
  | { readonly kind: "read"; readonly keys: readonly string[] }
  | { readonly kind: "update"; readonly update: Update }
  | {
      readonly kind: "send";
      readonly queue: QueueName;
      readonly messages: readonly Message[];
      readonly at?: number;
    }
  /** Cut the next ranges of the input, after the ranges of `last`. */
  | { readonly kind: "cut"; readonly batch: string; readonly last: PlanEntry | null }
  /** Find out what a redrive has to lay and to send, page by page from 0. */
  | {
      readonly kind: "survey";
      readonly phase: SurveyPlace["phase"];
      readonly batch: string;
      readonly generation: number;
      readonly page: number;
    }
  /**
   * Find out what was sent and never came to its end. `from`: of all chunks from this one on, after a pause;
   * `null`: what may be lost.
   */
  | { readonly kind: "lost"; readonly batch: string; readonly from: number | null }
  /** Find out which chunks of a leaf are to be hedged. `slow`: among these; `null`: among all. */
  | { readonly kind: "stragglers"; readonly node: NodeId; readonly slow: readonly number[] | null }
  /** Run chunks. */
  | { readonly kind: "work"; readonly chunks: readonly ChunkMessage[] }
  /** Merge the partials that the tags of a final node name; those after `merged`. */
  | {
      readonly kind: "merge";
      readonly node: NodeId;
      readonly fields: Fields;
      readonly batch: Fields;
      readonly merged?: MergedPart | undefined;
    };

/**
 * A node of a new generation. A leaf has the messages of its chunks that are to be done again, a split those
 * of its parts.
 */
export interface Layer {
  readonly node: NodeId;
  readonly update: Update;
  /** The node is full as it is laid: nothing below it is to be done again, and no more children come. */
  readonly full: boolean;
  readonly chunks: readonly ChunkMessage[];
}

/** One page of a redrive's layers: leaves first, the root last. A page is the same each time. */
export interface Survey {
  readonly layers: readonly Layer[];
  readonly more: boolean;
}

/** What nobody may be working on any more. To send it again does no harm. */
export interface Lost {
  /** The entry from which the coordinator goes on; `null`: it has nothing to do. */
  readonly plan: number | null;
  readonly chunks: readonly ChunkMessage[];
  /** Final nodes that are not settled in their parent. */
  readonly nodes: readonly NodeId[];
  /** The chunk from which more is to be looked for; `null`: this is all. */
  readonly more: number | null;
}

/** Chunks that are to be hedged. */
export interface Stragglers {
  /** Notes that they are; `null`: there are none. */
  readonly note: Update | null;
  readonly messages: readonly HedgeMessage[];
}

/**
 * The outcome of an attempt at chunks: its tag, the record to keep under it, the chunks that it finished, and
 * those that it cut. Other chunks are left to another attempt.
 */
export interface Worked {
  readonly tag: string;
  readonly keep: Update | null;
  readonly done: readonly Done[];
  readonly cuts?: readonly ChunkCut[];
}

/**
 * The outcome of a merge. `joined` counts only at the root, where it is the outcome of the batch. `at` is the
 * time of the merge, in milliseconds since the epoch.
 */
export interface Merged {
  readonly tag: string;
  readonly keep: Update | null;
  /** Only so many children are merged: another process goes on. Absent: all of them. */
  readonly until?: number | undefined;
  readonly joined: Joined;
  readonly at: number;
}

/**
 * The reply to each kind of effect. `cut` gives the next ranges (none at the end of the input), or says why
 * the input cannot be read.
 */
export interface Replies {
  read: readonly (Fields | null)[];
  update: Updated;
  send: null;
  cut: Cut | Failure;
  survey: Survey;
  lost: Lost;
  stragglers: Stragglers;
  work: Worked;
  merge: Merged;
}

export type EffectKind = keyof Replies;
export type Reply = Replies[EffectKind];

/** One kind of task: what it asks for, and which tasks follow the reply. */
export interface Step<Name extends TaskName, Kind extends EffectKind> {
  effect(task: TaskOf<Name>, fanIn: number): Extract<Effect, { kind: Kind }>;
  follow(task: TaskOf<Name>, reply: Replies[Kind], fanIn: number): readonly Task[];
}
