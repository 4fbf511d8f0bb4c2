/**
 * The world in which the protocol is explored. It has one store, one queue that delivers in any order,
 * processes that run tasks one effect at a time, and a budget of faults. A state is plain data and never
 * changes; a move makes another state.
 */
import { endBatch, endWithEnough, openBatch } from "../../../../src/core/records/batch/batch.ts";
import { redriveBatch } from "../../../../src/core/records/batch/redriving.ts";
import { isChunkMessage } from "../../../../src/core/records/message.ts";
import type {
  ChunkMessage,
  Message,
  NodeMessage,
  PlanMessage,
} from "../../../../src/core/records/message.ts";
import { begin } from "../../../../src/core/protocol/protocol.ts";
import type { Protocol } from "../../../../src/core/protocol/protocol.ts";
import type { Task } from "../../../../src/core/protocol/task.ts";
import type { applyUpdate, Fields, Update, Updated } from "../../../../src/core/records/record.ts";
import { BATCH, batchOf } from "../../batch-of.ts";
import { pauseTask, resumeUpdate } from "../pausing/pausing.ts";
import { shortPlan } from "../redriving/redrive.ts";
import { lookTask } from "../hedging/hedges.ts";

/**
 * How a planner cuts the input: an entry has `chunks` ranges of `size` units. The input cannot be read beyond
 * unit `broken`.
 */
export interface Cutter {
  readonly chunks: number;
  readonly size: number;
  readonly broken?: number;
}

/** How often each fault may still happen. */
export interface Budget {
  /** A process dies, and its messages are delivered again. */
  readonly crash: number;
  /** A message is delivered twice. */
  readonly duplicate: number;
  /** A user cancels the batch. */
  readonly cancel: number;
  /** An update is applied, but its reply is lost. The update is sent again. */
  readonly lostReply: number;
  /** A worker dies for the last time. The dead-letter function gives its chunk up. */
  readonly deadLetter: number;
  /** A user redrives the batch after it has ended. */
  readonly redrive: number;
  /** A message is lost. */
  readonly lost: number;
  /** A user pauses the batch. To resume it is no fault: it can be done at any time. */
  readonly pause: number;
  /** A chunk is hedged. */
  readonly hedge: number;
  /** The time of a worker is up in a chunk or part of which it has finished something. */
  readonly timeUp: number;
}

export const NO_FAULTS: Budget = {
  crash: 0,
  duplicate: 0,
  cancel: 0,
  lostReply: 0,
  deadLetter: 0,
  redrive: 0,
  lost: 0,
  pause: 0,
  hedge: 0,
  timeUp: 0,
};

export interface World {
  readonly protocol: Protocol;
  readonly apply: typeof applyUpdate;
  readonly fanIn: number;
  /** The input: units 0 … units−1. */
  readonly units: number;
  /** At first the queue has one plan message for each. */
  readonly planners: readonly Cutter[];
  /** Whether chunks leave a partial. A chunk with failed items always does. */
  readonly keeps: boolean;
  /** By unit: the generation in which it succeeds. Other units succeed at once. */
  readonly fails: { readonly [unit: number]: number };
  /** Whether a redrive plans what the end of the batch kept from being planned. */
  readonly plansOn: boolean;
  /**
   * Whether the sweeper runs: at any time at which nothing else is left to do. Then the commands of people
   * are not delivered again after a crash.
   */
  readonly sweeps: boolean;
  /** The most chunk messages that one worker takes. */
  readonly bundle: number;
  /**
   * Whether a read of several records reads each at a different time: in the order of the keys, or in reverse
   * order.
   */
  readonly tornReads: "no" | "forwards" | "backwards";
  /** The most children that one process merges; then another one goes on. */
  readonly mergesAtOnce: number;
  /** Which kinds of messages may be delivered twice. A second plan message is a second planner. */
  readonly copies: readonly Delivery["message"]["kind"][];
  /** Which messages give their chunk up when they die for the last time: hedges too is a mutant. */
  readonly givesUp: "first" | "hedges too";
  /** What `cancel` in the budget stands for: the batch is cancelled, or it has enough. */
  readonly ends: "cancel" | "enough";
  /** When a message is deleted: after its last task, as the protocol says, or before the first (a mutant). */
  readonly acknowledges: "last" | "first";
  readonly budget: Budget;
}

/** A message in the queue. */
export interface Delivery {
  readonly message:
    | Message
    | { readonly kind: "cancel" | "redrive" | "pause" | "resume" | "sweep" }
    | { readonly kind: "give-up"; readonly of: ChunkMessage }
    | { readonly kind: "look"; readonly chunk: number };
  /** Whether the queue says that it was delivered before. */
  readonly again: boolean;
  /** The planner that a plan message is for: an index into `planners`. */
  readonly planner: number;
}

export interface Process {
  readonly held: readonly Delivery[];
  readonly tasks: readonly Task[];
  readonly planner: number;
  /** The records that a torn read has so far. */
  readonly got: readonly (Fields | null)[];
}

export interface State {
  readonly records: ReadonlyMap<string, Fields>;
  readonly queue: readonly Delivery[];
  readonly running: readonly Process[];
  readonly left: Budget;
  /** How many tags were made. */
  readonly tags: number;
  /** What a move did wrong, in words. */
  readonly wrong: string | null;
}

export function firstState(world: World): State {
  const opened = world.apply(null, openBatch(BATCH, {})).record ?? {};
  return {
    records: new Map([[`batch/${BATCH}`, opened]]),
    queue: world.planners.map((_, planner) => delivery({ kind: "plan", batch: BATCH, entry: 0 }, planner)),
    running: [],
    left: world.budget,
    tags: 0,
    wrong: null,
  };
}

export function delivery(message: Delivery["message"], planner = 0): Delivery {
  return { message, again: false, planner };
}

/** The first task of a process that takes these messages: one message, or several chunks. */
export function firstTask(world: World, state: State, held: readonly Delivery[]): Task {
  const [one] = held;
  if (one?.message.kind === "cancel") {
    if (world.ends === "enough") return markAndWake(endWithEnough(BATCH, "some"));
    return markAndWake(endBatch(BATCH, "cancel", { code: "CANCELLED", message: "" }));
  }
  if (one?.message.kind === "redrive") {
    return markAndWake(redriveBatch(BATCH, batchOf(state), shortPlan(world, state)));
  }
  if (one?.message.kind === "pause") return pauseTask();
  if (one?.message.kind === "resume") return markAndWake(resumeUpdate(state));
  if (one?.message.kind === "sweep") return { do: "recover", batch: BATCH };
  if (one?.message.kind === "look") return lookTask(world, state, one.message.chunk);
  if (one?.message.kind === "give-up") {
    const { of: chunk } = one.message;
    return { do: "start", chunks: [chunk], again: [chunk.chunk] };
  }
  if (!isWork(one)) return begin((one as Delivery & { message: PlanMessage | NodeMessage }).message);
  const chunks = held.map(({ message }) => message as ChunkMessage);
  const again = held.flatMap((each, index) => {
    const chunk = chunks[index];
    return chunk && (each.again || chunk.look) ? [chunk.chunk] : [];
  });
  return { do: "start", chunks, again };
}

/** Whether a message asks for work on a chunk or part. */
export function isWork(one: Delivery | undefined): one is Delivery & { readonly message: ChunkMessage } {
  return one !== undefined && isChunkMessage(one.message as Message);
}

/** Marks the batch, then wakes the coordinator, even if the mark was refused. */
function markAndWake(mark: Update): Task {
  const messages = [{ kind: "plan", batch: BATCH, entry: 0 }] as const;
  const send: Task = { do: "send", queue: "coordinator", messages };
  return { do: "keep", keep: mark, then: [send], otherwise: send };
}

/** Applies an update to the store, and notes if it did something that no update may do. */
export function applyTo(world: World, state: State, update: Update): { state: State; reply: Updated } {
  const old = state.records.get(update.key) ?? null;
  const reply = world.apply(old, update);
  if (!reply.applied) return { state, reply };
  const records = new Map(state.records).set(update.key, reply.record);
  if (update.key !== `batch/${BATCH}`) return { state: { ...state, records }, reply };
  let wrong = state.wrong;
  const redriven = update.remove?.includes("endedAt") === true;
  const changed = Object.keys(update.set).some((field) => field !== "chunks" && field !== "short");
  if (old?.["endedAt"] !== undefined && changed && !redriven) {
    wrong = `an ended batch was changed: ${JSON.stringify(update.set)}`;
  }
  if (!redriven && old?.["chunks"] !== undefined && old["chunks"] !== reply.record["chunks"]) {
    wrong = "the number of chunks was changed";
  }
  if (state.left.redrive > 0) return { state: { ...state, records, wrong }, reply };
  // After the last end a fault can only make a process do less. A message that is delivered again sees the
  // end, and nothing follows.
  if (reply.record["endedAt"] === undefined) return { state: { ...state, records, wrong }, reply };
  const running = state.running.filter(({ tasks }) => tasks.length > 0);
  return { state: { ...state, records, wrong, running, left: NO_FAULTS }, reply };
}
