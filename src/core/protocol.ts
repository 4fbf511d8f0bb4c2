/**
 * The protocol: what each function does next, as data.
 *
 * A task is one thing to do: its step says what it asks of the world (`effect`: one read, one conditional update, one
 * send, or work that touches no shared store) and which tasks come after the reply (`follow`). Functions run tasks to
 * exhaustion and then acknowledge their message (`steps/perform.ts`); the model checker (`test/core/explore.ts`) runs
 * the same tasks one effect at a time in every order, with crashes and duplicates in between. All state is in the tasks
 * and in the ledger, so every step may be repeated.
 */
import type { Failure, Joined } from "./batch.ts";
import { joining } from "./joining.ts";
import type { ChunkMessage, Message, NodeMessage, PlanMessage, QueueName } from "./message.ts";
import { planning } from "./planning.ts";
import type { PlanEntry, PlannedRange } from "./plan.ts";
import type { Fields, Update, Updated } from "./record.ts";
import { settling } from "./settling.ts";
import type { NodeId, Totals } from "./tree.ts";

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
  "write-end": { batch: string; entry: number; chunks: number; last: PlanEntry | null };
  dispatch: { batch: string; plan: PlanEntry };
  close: { batch: string; chunks: number; level: number };
  planned: { batch: string; chunks: number };
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
  /** Run chunks. */
  | { readonly kind: "work"; readonly chunks: readonly ChunkMessage[] }
  /** Merge what the tags of a final node name. */
  | { readonly kind: "merge"; readonly node: NodeId; readonly fields: Fields; readonly batch: Fields };

/** What an attempt at chunks made: its tag, the record to keep under it, and the chunks it finished; others are left to another attempt. */
export interface Worked {
  readonly tag: string;
  readonly keep: Update | null;
  readonly done: readonly Done[];
}

/** What a merge made. `joined` is what the batch comes to, if the node is the root; `at` the time, in milliseconds since the epoch. */
export interface Merged {
  readonly tag: string;
  readonly keep: Update | null;
  readonly joined: Joined;
  readonly at: number;
}

/** The reply to each kind of effect. `cut`: the next ranges, none at the end of the input, or why it cannot be read. */
export interface Replies {
  read: readonly (Fields | null)[];
  update: Updated;
  send: null;
  cut: readonly PlannedRange[] | Failure;
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

const STEPS = { ...planning, ...settling, ...joining };

/** The two functions that everything runs on. The fan-in is a parameter so that small trees can be explored. */
export interface Protocol {
  effectOf(task: Task): Effect;
  follow(task: Task, reply: Reply): readonly Task[];
}

export function createProtocol(fanIn: number): Protocol {
  // A task and its step belong together by name, and a step's reply to its effect.
  const stepOf = (task: Task): Step<TaskName, EffectKind> => STEPS[task.do];
  return {
    effectOf: (task) => stepOf(task).effect(task, fanIn),
    follow: (task, reply) => stepOf(task).follow(task, reply, fanIn),
  };
}

/** The first task for a message to the coordinator or to a join. */
export function begin(message: PlanMessage | NodeMessage): Task {
  switch (message.kind) {
    case "plan":
      return { do: "look", batch: message.batch, entry: message.entry, last: null, sent: false };
    case "merge":
      return { do: "gather", node: message.node };
    case "seal":
      return { do: "descend", node: message.node };
  }
}
