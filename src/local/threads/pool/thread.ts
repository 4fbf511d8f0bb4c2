/** One worker thread, as its pool sees it. */
import { fileURLToPath } from "node:url";
import { MessageChannel, Worker, receiveMessageOnPort } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { reasonOf } from "../../../core/errors/errors.ts";
import type { Death } from "../../../runner/poison/item-died.ts";
import { INSIDE, IN_FLIGHT } from "../../../runner/poison/heartbeat.ts";
import type { Heartbeat } from "../../../runner/poison/heartbeat.ts";
import type { ChunksEvents } from "../../../runner/runner.ts";
import { RUNNING, SHARED_BYTES, heartbeatIn } from "../thread-messages.ts";
import type { Answer, Call, ThreadSetup } from "../thread-messages.ts";
import { isLimitsRequest } from "../limits-messages.ts";
import type { LimitsRequest } from "../limits-messages.ts";
import { crashOf } from "../watching/post-mortem.ts";
import type { Evidence } from "../watching/post-mortem.ts";
import type { Watched } from "../watching/watchdog.ts";

/** Items live briefly. Node's own limit, three times as much, is no faster (`bench csv`). */
const YOUNG_MB = 24;

export interface Pending {
  readonly id: number;
  readonly type: Call["type"];
  /** Its open item is to blame if the thread dies. */
  readonly careful: boolean;
  readonly events: ChunksEvents;
  /** All of its items have begun: its thread has room for the next request. */
  draining: boolean;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

export interface Thread {
  readonly worker: Worker;
  /** The engine's own channel. The job does not have it, so it cannot answer in the engine's place. */
  readonly port: MessagePort;
  /** The name of its segment and of its journal. */
  readonly name: string;
  /** Among the threads of its pool, from 1. Of a thread that has ended, another one takes it over. */
  readonly number: number;
  /** Read and written by both sides: `INTERRUPTED`, `RUNNING`. */
  readonly state: Int32Array;
  /** The state of its items, as the thread shows it. */
  readonly heartbeat: Heartbeat;
  /** It has loaded the job. */
  isReady: boolean;
  /** The last observation of the watchdog. */
  watched: Watched | null;
  readonly pending: Map<number, Pending>;
  /** By batch: the version of its spec that the thread was told. */
  readonly knows: Map<string, string>;
}

/** Why a thread has ended, or is ended. */
export interface ThreadEnd {
  readonly reason: string;
  /** The request that it may have died of. */
  readonly culprit: number | null;
  /** The item that was seen to end it, if that was a careful attempt. */
  readonly death: Death | null;
}

/** The answers that a pool waits for. */
export type PoolAnswer = Exclude<Answer, { type: "log" } | LimitsRequest>;

export interface ThreadEvents {
  readonly answer: (thread: Thread, answer: PoolAnswer) => void;
  /** A question about the limits of a batch. */
  readonly limits: (thread: Thread, request: LimitsRequest) => void;
  readonly log: (entry: Extract<Answer, { type: "log" }>) => void;
  /** The job has posted a message on `parentPort`, which nobody reads. */
  readonly stray: () => void;
  /** The thread has ended by itself. */
  readonly exit: (thread: Thread, evidence: Evidence) => void;
}

export function startThread(
  setup: Omit<ThreadSetup, "state" | "port">,
  number: number,
  events: ThreadEvents,
): Thread {
  const state = new SharedArrayBuffer(SHARED_BYTES);
  const { port1: port, port2 } = new MessageChannel();
  const worker = new Worker(fileURLToPath(import.meta.resolve("#thread")), {
    workerData: { ...setup, state, port: port2 } satisfies ThreadSetup,
    transferList: [port2],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    stdout: true,
    stderr: true,
  });
  const thread: Thread = {
    worker,
    port,
    name: setup.segmentName,
    number,
    state: new Int32Array(state),
    heartbeat: heartbeatIn(state),
    isReady: false,
    watched: null,
    pending: new Map(),
    knows: new Map(),
  };
  const receive = (answer: Answer): void => {
    if (answer.type === "log") events.log(answer);
    else if (isLimitsRequest(answer)) events.limits(thread, answer);
    else events.answer(thread, answer);
  };
  port.on("message", receive);
  worker.on("message", events.stray);
  worker.on("messageerror", events.stray);
  let reason: string | null = null;
  worker.on("error", (error) => (reason = reasonOf(error)));
  worker.on("exit", (code) => {
    // What it said before it ended.
    for (let last = receiveMessageOnPort(port); last; last = receiveMessageOnPort(port))
      receive(last.message as Answer);
    port.close();
    events.exit(thread, crashOf(thread.heartbeat, reason, code));
  });
  // The output of a job is its log: standard output belongs to the command.
  worker.stdout.on("data", (text: Buffer) => events.log(printed("info", text)));
  worker.stderr.on("data", (text: Buffer) => events.log(printed("warn", text)));
  return thread;
}

/** The request that the thread runs now, or ran last. */
export function runningIn({ state }: Thread): number {
  return Atomics.load(state, RUNNING);
}

/** Items that are in `process` now. */
export function itemsIn({ heartbeat }: Thread): number {
  const awaited = Atomics.load(heartbeat, IN_FLIGHT);
  return awaited > 0 ? awaited : Math.min(1, Atomics.load(heartbeat, INSIDE));
}

/** Requests that the thread has not taken up, or whose items have not all begun. */
export function feedingIn({ pending }: Thread): number {
  let feeding = 0;
  for (const { draining } of pending.values()) if (!draining) feeding++;
  return feeding;
}

/** All items of a pending request have begun. */
export function drain({ pending }: Thread, id: number): void {
  const request = pending.get(id);
  if (!request) return;
  request.draining = true;
  request.events.onDraining?.();
}

/** Removes a pending request, which is about to be answered. */
export function takePending(thread: Thread, id: number): Pending | undefined {
  const request = thread.pending.get(id);
  thread.pending.delete(id);
  return request;
}

function printed(level: "info" | "warn", text: Buffer): Extract<Answer, { type: "log" }> {
  return { type: "log", level, message: text.toString().trimEnd(), fields: null };
}
