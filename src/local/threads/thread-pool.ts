/** The threads of one job: a runner that spreads requests over them, and replaces one that dies. */
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import { FanjoinError, reasonOf } from "../../core/errors.ts";
import type { Cut } from "../../core/records/plan.ts";
import type { Json } from "../../core/json.ts";
import { readerKinds } from "../../input/kinds.ts";
import type { DescribedJob } from "../../job/describe-job.ts";
import { ItemDied } from "../../runner/poison/item-died.ts";
import type { Death } from "../../runner/poison/item-died.ts";
import type { Heartbeat } from "../../runner/poison/heartbeat.ts";
import type {
  ChunksReply,
  ChunksRequest,
  MergeReply,
  MergeRequest,
  PlanRequest,
  Runner,
} from "../../runner/runner.ts";
import { removeThreadJournal } from "./thread-journal.ts";
import {
  INTERRUPTED,
  RUNNING,
  SHARED_BYTES,
  packChunks,
  heartbeatIn,
  revive,
  unpackDone,
} from "./thread-messages.ts";
import type { Answer, Call, ThreadSetup } from "./thread-messages.ts";
import { isStuck, observe, checkIntervalMs } from "./watchdog.ts";
import type { Watched } from "./watchdog.ts";
import { crashOf, activityOf, timeoutOf } from "./post-mortem.ts";

export interface ThreadPoolOptions {
  readonly jobFile: string;
  readonly directory: string;
  readonly count: number;
  /** Unique for this start of the engine. */
  readonly segmentPrefix: string;
  /** In a process of their own, whose death is evidence. */
  readonly inChild?: true;
  /** The description comes with schemas. */
  readonly schemas?: true;
  /** Files that replies name: they have to be on disk before a commit does. */
  readonly onFiles: (files: readonly string[]) => void;
  readonly onLog: (entry: Extract<Answer, { type: "log" }>) => void;
}

export interface ThreadPool extends Runner {
  /** Resolves with the job's description once the first thread has loaded it. Rejects with `JOB_INVALID`. */
  readonly job: Promise<DescribedJob>;
  /** Throws `JOB_INVALID` if the job's own schema refuses `params`. */
  checkParams(params: Json): Promise<void>;
  /** What runs now is not wanted any more. A thread that does not listen within `graceMs` is replaced. */
  interrupt(graceMs: number): void;
  close(): Promise<void>;
}

/** The thread died under a request. Only the one that it was running may be to blame. */
export class ThreadDied extends Error {
  override readonly name = "ThreadDied";
  readonly blame: boolean;
  readonly reason: string;

  constructor(blame: boolean, reason: string) {
    super(`a worker thread ended: ${reason}`);
    this.blame = blame;
    this.reason = reason;
  }
}

/** Items live briefly. Node's own limit, three times as much, is no faster (`bench csv`). */
const YOUNG_MB = 24;

/**
 * V8 otherwise puts small loops of what `process` calls into its quickly compiled (Maglev) code after 400
 * items, where they stay, several times slower, for thousands of items more (`bench cpu`). Where items have
 * to be parsed, the parser needs what this takes away (`bench csv`).
 */
function tuneFor({ input }: DescribedJob): void {
  if (readerKinds[input.kind].unit === "items") setFlagsFromString("--max-maglev-inlined-bytecode-size=60");
}

interface Pending {
  readonly id: number;
  readonly type: Call["type"];
  /** Its open item is to blame if the thread dies. */
  readonly careful: boolean;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  /** Of its segment, and of its journal file. */
  readonly name: string;
  /** What both sides read and write: `INTERRUPTED`, `RUNNING`. */
  readonly state: Int32Array;
  /** What it shows of the items that it runs. */
  readonly heartbeat: Heartbeat;
  /** As the watchdog saw it last. */
  watched: Watched | null;
  readonly pending: Map<number, Pending>;
  readonly knows: Set<string>;
}

/** Why a thread is not there any more. */
interface Ending {
  readonly reason: string;
  /** The request that it may have died of. */
  readonly culprit: number | null;
  /** The item that was seen to end it, if that was a careful attempt. */
  readonly death: Death | null;
}

export function startThreadPool(options: ThreadPoolOptions): ThreadPool {
  const threads: Thread[] = [];
  /** Threads that were replaced and have not ended yet. */
  const leaving = new Set<Worker>();
  let lastId = 0;
  let started = 0;
  let closed = false;
  /** Why the job cannot be loaded: then no thread is started again. */
  let broken: Error | null = null;
  let loaded = false;
  let watching: NodeJS.Timeout | undefined;
  const ready = Promise.withResolvers<DescribedJob>();
  // Whoever never asks for the job is not told twice.
  ready.promise.catch(() => undefined);

  function start(): void {
    const state = new SharedArrayBuffer(SHARED_BYTES);
    const { jobFile, directory, segmentPrefix, inChild = false, schemas = false } = options;
    const segmentName = `${segmentPrefix}-${started++}`;
    const setup: ThreadSetup = { jobFile, directory, segmentName, inChild, schemas, state };
    const worker = new Worker(fileURLToPath(import.meta.resolve("#thread")), {
      workerData: setup,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      stdout: true,
      stderr: true,
    });
    const thread: Thread = {
      worker,
      name: segmentName,
      state: new Int32Array(state),
      heartbeat: heartbeatIn(state),
      watched: null,
      pending: new Map(),
      knows: new Set(),
    };
    threads.push(thread);
    worker.on("message", (answer: Answer) => receive(thread, answer));
    let reason: string | null = null;
    worker.on("error", (error) => (reason = reasonOf(error)));
    worker.on("exit", (code) => {
      const crash = crashOf(thread.heartbeat, reason, code);
      bury(thread, { culprit: runningIn(thread), ...crash });
    });
    // What a job prints is its log: standard output belongs to the command.
    worker.stdout.on("data", (text: Buffer) => options.onLog(printed("info", text)));
    worker.stderr.on("data", (text: Buffer) => options.onLog(printed("warn", text)));
  }

  function receive(thread: Thread, answer: Answer): void {
    switch (answer.type) {
      case "ready":
        loaded = true;
        tuneFor(answer.job);
        watch(answer.job.options.itemTimeoutMs);
        return ready.resolve(answer.job);
      case "unusable":
        broken = revive(answer.error);
        return ready.reject(broken);
      case "log":
        return options.onLog(answer);
      case "failed":
        return take(thread, answer.id)?.reject(revive(answer.error));
      case "checked":
        return take(thread, answer.id)?.resolve(answer);
      case "chunks":
      case "merge":
      case "plan":
        options.onFiles(answer.files);
        return take(thread, answer.id)?.resolve(answer);
    }
  }

  function bury(thread: Thread, { reason, culprit, death }: Ending): void {
    const place = threads.indexOf(thread);
    if (place < 0) return;
    threads.splice(place, 1);
    removeThreadJournal(options.directory, thread.name);
    if (!broken && !loaded) {
      const message = `the job file ${options.jobFile} ended its thread while it was loaded: ${reason}. Does its top level call process.exit, or await what never comes?`;
      broken = new FanjoinError("JOB_INVALID", message);
      ready.reject(broken);
    }
    if (!broken && !closed) start();
    for (const { id, careful, reject } of thread.pending.values()) {
      const guilty = id === culprit;
      reject(broken ?? (guilty && careful && death ? new ItemDied(death) : new ThreadDied(guilty, reason)));
    }
  }

  function ask(make: (thread: Thread, id: number) => Call): Promise<Answer> {
    if (broken) return Promise.reject(broken);
    const thread = threads.reduce((a, b) => (b.pending.size < a.pending.size ? b : a));
    const id = ++lastId;
    const call = make(thread, id);
    return new Promise((resolve, reject) => {
      const careful = call.type === "chunks" && call.careful !== null;
      thread.pending.set(id, { id, type: call.type, careful, resolve, reject });
      thread.worker.postMessage(call);
    });
  }

  async function chunks({
    spec,
    chunks: messages,
    previousBodies,
    careful,
  }: ChunksRequest): Promise<ChunksReply> {
    const { batch } = spec;
    // A redrive has a spec of its own.
    const name = `${batch}/${messages[0]?.generation ?? 0}`;
    const packed = packChunks(messages);
    const answer = await ask((thread, id) => {
      const known = thread.knows.has(name);
      thread.knows.add(name);
      const told = known ? null : spec;
      return {
        type: "chunks",
        id,
        batch,
        spec: told,
        chunks: packed,
        previousBodies: previousBodies ?? {},
        careful,
      };
    });
    if (answer.type !== "chunks") throw new Error("the thread answered something else");
    return { body: answer.body, done: unpackDone(answer.done) };
  }

  async function merge(request: MergeRequest): Promise<MergeReply> {
    const answer = await ask((_, id) => ({ type: "merge", id, request }));
    if (answer.type !== "merge") throw new Error("the thread answered something else");
    return answer.reply;
  }

  async function plan(request: PlanRequest): Promise<Cut | null> {
    const answer = await ask((_, id) => ({ type: "plan", id, request }));
    if (answer.type !== "plan") throw new Error("the thread answered something else");
    return answer.cut;
  }

  /** Ends threads that still run what was interrupted: they are in code that never looks up. */
  function replaceDeaf(upTo: number): void {
    for (const thread of threads.slice()) {
      const running = runningIn(thread);
      if (running > upTo || !thread.pending.has(running)) continue;
      replace(thread, { reason: "it did not stop when it was interrupted", culprit: null, death: null });
    }
  }

  /** At once, because a thread that waits in native code (`execSync`) cannot be ended before that returns. */
  function replace(thread: Thread, ending: Ending): void {
    void thread.worker.terminate();
    leaving.add(thread.worker);
    thread.worker.once("exit", () => leaving.delete(thread.worker));
    bury(thread, ending);
  }

  /** Ends threads that one item keeps busy for longer than it may take. */
  function watch(itemTimeoutMs: number): void {
    if (watching || closed) return;
    let lookedAt = performance.now();
    watching = setInterval(() => {
      const now = performance.now();
      for (const thread of threads.slice()) check(thread, now - lookedAt, itemTimeoutMs);
      lookedAt = now;
    }, checkIntervalMs(itemTimeoutMs)).unref();
  }

  function check(thread: Thread, sinceMs: number, itemTimeoutMs: number): void {
    const running = runningIn(thread);
    if (thread.pending.get(running)?.type !== "chunks") return void (thread.watched = null);
    const timeout = timeoutOf(thread.heartbeat, itemTimeoutMs);
    thread.watched = observe(thread.watched, activityOf(thread.heartbeat, running), sinceMs, itemTimeoutMs);
    if (isStuck(thread.watched, itemTimeoutMs)) replace(thread, { culprit: running, ...timeout });
  }

  for (let n = 0; n < options.count; n++) start();
  return {
    job: ready.promise,
    plan,
    chunks,
    merge,
    async checkParams(params) {
      await ask((_, id) => ({ type: "params", id, params }));
    },
    interrupt(graceMs) {
      const upTo = lastId;
      for (const { state, worker } of threads) {
        Atomics.store(state, INTERRUPTED, upTo);
        worker.postMessage({ type: "interrupt", upTo } satisfies Call);
      }
      setTimeout(() => replaceDeaf(upTo), graceMs).unref();
    },
    async close() {
      closed = true;
      clearInterval(watching);
      await Promise.all(
        [...threads.map(({ worker }) => worker), ...leaving].map((worker) => worker.terminate()),
      );
    },
  };
}

function runningIn({ state }: Thread): number {
  return Atomics.load(state, RUNNING);
}

function take(thread: Thread, id: number): Pending | undefined {
  const request = thread.pending.get(id);
  thread.pending.delete(id);
  return request;
}

function printed(level: "info" | "warn", text: Buffer): Extract<Answer, { type: "log" }> {
  return { type: "log", level, message: text.toString().trimEnd(), fields: null };
}
