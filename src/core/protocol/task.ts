/** The vocabulary of the protocol: the tasks there are, what they ask of the world, and what it replies. */
import type { Failure, Joined } from "../records/batch.ts";
import type { ChunkMessage, Message, QueueName } from "../records/message.ts";
import type { Cut, PlanEntry } from "../records/plan.ts";
import type { Fields, Update, Updated } from "../records/record.ts";
import type { NodeId, Totals } from "../records/tree.ts";

/** A child that an attempt has finished, and what it comes to. */
export interface Done {
  readonly child: number;
  readonly totals: Totals;
}

/** The tasks by name. */
export interface TaskFields {
  // A planner's. `last` is the entry before `entry`, `sent` whether this planner has sent its messages.
  look: { batch: string; entry: number; last: PlanEntry | null; sent: boolean };
  cut: { batch: string; entry: number; last: PlanEntry | null };
  "give-up": { batch: string; entry: number; last: PlanEntry | null; error: Failure };
  "write-entry": { batch: string; plan: PlanEntry; last: PlanEntry | null };
  "write-end": { batch: string; entry: number; chunks: number; short: boolean };
  dispatch: { batch: string; plan: PlanEntry };
  close: { batch: string; chunks: number; level: number };
  planned: { batch: string; chunks: number };
  // A redrive's.
  lay: { batch: string; generation: number; page: number };
  "lay-node": { update: Update };
  laid: { batch: string; generation: number };
  launch: { batch: string; generation: number; page: number };
  // A worker's. All chunks of one task are of one batch; `again` are those that may have been settled before.
  start: { chunks: readonly ChunkMessage[]; again: readonly number[] };
  work: { chunks: readonly ChunkMessage[] };
  // Everybody's.
  settle: { node: NodeId; done: readonly Done[]; tag: string };
  keep: { keep: Update; then: readonly Task[]; otherwise: Task };
  send: { queue: QueueName; messages: readonly Message[] };
  // A join's. `fields` and `batch` are the records as read.
  gather: { node: NodeId };
  merge: { node: NodeId; fields: Fields; batch: Fields };
  commit: { batch: string; seen: Fields; joined: Joined; at: number };
  descend: { node: NodeId };
  seal: { node: NodeId };
}

export type TaskName = keyof TaskFields;
export type TaskOf<Name extends TaskName> = { readonly do: Name } & Readonly<TaskFields[Name]>;
export type Task = { [Name in TaskName]: TaskOf<Name> }[TaskName];

/** What a task asks of the world. */
export type Effect =
  | { readonly kind: "read"; readonly keys: readonly string[] }
  | { readonly kind: "update"; readonly update: Update }
  | { readonly kind: "send"; readonly queue: QueueName; readonly messages: readonly Message[] }
  /** Cut the next ranges of the input, after those of `last`. */
  | { readonly kind: "cut"; readonly batch: string; readonly last: PlanEntry | null }
  /** Find out what a redrive has to lay and to send: page after page, from 0. */
  | { readonly kind: "survey"; readonly batch: string; readonly generation: number; readonly page: number }
  /** Run chunks. */
  | { readonly kind: "work"; readonly chunks: readonly ChunkMessage[] }
  /** Merge what the tags of a final node name. */
  | { readonly kind: "merge"; readonly node: NodeId; readonly fields: Fields; readonly batch: Fields };

/** A node of a new generation, and the chunks below it that are to be done again (of a leaf). */
export interface Layer {
  readonly node: NodeId;
  readonly update: Update;
  /** Nothing below it is to be done again. */
  readonly full: boolean;
  readonly chunks: readonly ChunkMessage[];
}

/** A page of what there is to lay: leaves first, the root last. The same each time. */
export interface Survey {
  readonly layers: readonly Layer[];
  readonly more: boolean;
}

/**
 * What an attempt at chunks made: its tag, the record to keep under it, and the chunks it finished; others
 * are left to another attempt.
 */
export interface Worked {
  readonly tag: string;
  readonly keep: Update | null;
  readonly done: readonly Done[];
}

/**
 * What a merge made. `joined` is what the batch comes to, if the node is the root; `at` the time, in
 * milliseconds since the epoch.
 */
export interface Merged {
  readonly tag: string;
  readonly keep: Update | null;
  readonly joined: Joined;
  readonly at: number;
}

/**
 * The reply to each kind of effect. `cut`: the next ranges, none at the end of the input, or why it cannot be
 * read.
 */
export interface Replies {
  read: readonly (Fields | null)[];
  update: Updated;
  send: null;
  cut: Cut | Failure;
  survey: Survey;
  work: Worked;
  merge: Merged;
}

export type EffectKind = keyof Replies;
export type Reply = Replies[EffectKind];

/** One kind of task: what it asks, and what comes after. */
export interface Step<Name extends TaskName, Kind extends EffectKind> {
  effect(task: TaskOf<Name>, fanIn: number): Extract<Effect, { kind: Kind }>;
  follow(task: TaskOf<Name>, reply: Replies[Kind], fanIn: number): readonly Task[];
}
