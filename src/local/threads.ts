/** The threads of one job: a runner that spreads requests over them, and replaces one that dies. */
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { FanjoinError, reasonOf } from "../core/errors.ts";
import type { Cut } from "../core/plan.ts";
import type { Json } from "../core/record.ts";
import type {
  ChunksReply,
  ChunksRequest,
  MergeReply,
  MergeRequest,
  PlanRequest,
  Runner,
} from "../steps/runner.ts";
import { INTERRUPTED, packChunks, RUNNING, SHARED_BYTES, unpackDone } from "./thread-messages.ts";
import type { Answer, Call, ThreadError, ThreadJob, ThreadSetup } from "./thread-messages.ts";

export interface ThreadsOptions {
  readonly jobFile: string;
  readonly directory: string;
  readonly count: number;
  /** Unique for this start of the engine. */
  readonly segmentPrefix: string;
  /** Files that replies name: they have to be on disk before a commit does. */
  readonly onFiles: (files: readonly string[]) => void;
  readonly onLog: (entry: Extract<Answer, { type: "log" }>) => void;
}

export interface Threads extends Runner {
  /** Resolves with the job's description once the first thread has loaded it. Rejects with `JOB_INVALID`. */
  readonly job: Promise<ThreadJob>;
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

  constructor(blame: boolean, exitCode: number) {
    super(`a worker thread ended with exit code ${exitCode}`);
    this.blame = blame;
  }
}

/** Items live briefly. Node's own limit, three times as much, is no faster (`bench csv`). */
const YOUNG_MB = 24;

interface Pending {
  readonly id: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  /** What both sides read and write: `INTERRUPTED`, `RUNNING`. */
  readonly state: Int32Array;
  readonly pending: Map<number, Pending>;
  readonly knows: Set<string>;
}

export function startThreads(options: ThreadsOptions): Threads {
  const threads: Thread[] = [];
  /** Threads that were replaced and have not ended yet. */
  const leaving = new Set<Worker>();
  let lastId = 0;
  let started = 0;
  let closed = false;
  /** Why the job cannot be loaded: then no thread is started again. */
  let broken: Error | null = null;
  let loaded = false;
  const ready = Promise.withResolvers<ThreadJob>();
  // Whoever never asks for the job is not told twice.
  ready.promise.catch(() => undefined);

  function start(): void {
    const state = new SharedArrayBuffer(SHARED_BYTES);
    const { jobFile, directory, segmentPrefix } = options;
    const segmentName = `${segmentPrefix}-${started++}`;
    const setup: ThreadSetup = { jobFile, directory, segmentName, state };
    const worker = new Worker(fileURLToPath(import.meta.resolve("#thread")), {
      workerData: setup,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      stdout: true,
      stderr: true,
    });
    const thread: Thread = {
      worker,
      state: new Int32Array(state),
      pending: new Map(),
      knows: new Set(),
    };
    threads.push(thread);
    worker.on("message", (answer: Answer) => receive(thread, answer));
    worker.on("error", (error) => options.onLog(deathNote(error)));
    worker.on("exit", (code) => bury(thread, code, runningIn(thread)));
    // What a job prints is its log: standard output belongs to the command.
    worker.stdout.on("data", (text: Buffer) => options.onLog(printed("info", text)));
    worker.stderr.on("data", (text: Buffer) => options.onLog(printed("warn", text)));
  }

  function receive(thread: Thread, answer: Answer): void {
    switch (answer.type) {
      case "ready":
        loaded = true;
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

  /** `culprit`: the request that the thread may have died of. */
  function bury(thread: Thread, code: number, culprit: number | null): void {
    const place = threads.indexOf(thread);
    if (place < 0) return;
    threads.splice(place, 1);
    if (!broken && !loaded) {
      const message = `the job file ${options.jobFile} ended its thread with exit code ${code} while it was loaded`;
      broken = new FanjoinError("JOB_INVALID", message);
      ready.reject(broken);
    }
    if (!broken && !closed) start();
    for (const { id, reject } of thread.pending.values()) {
      reject(broken ?? new ThreadDied(id === culprit, code));
    }
  }

  function ask(call: (thread: Thread, id: number) => Call): Promise<Answer> {
    if (broken) return Promise.reject(broken);
    const thread = threads.reduce((a, b) => (b.pending.size < a.pending.size ? b : a));
    const id = ++lastId;
    return new Promise((resolve, reject) => {
      thread.pending.set(id, { id, resolve, reject });
      thread.worker.postMessage(call(thread, id));
    });
  }

  async function chunks({ spec, chunks: messages }: ChunksRequest): Promise<ChunksReply> {
    const { batch } = spec;
    const answer = await ask((thread, id) => {
      const known = thread.knows.has(batch);
      thread.knows.add(batch);
      return { type: "chunks", id, batch, spec: known ? null : spec, chunks: packChunks(messages) };
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

  /**
   * Ends threads that still run what was interrupted: they are in code that never looks up. They are replaced at once, because a thread that
   * waits in native code (`execSync`) cannot be ended before that returns.
   */
  function replaceDeaf(upTo: number): void {
    for (const thread of threads.slice()) {
      const running = runningIn(thread);
      if (running > upTo || !thread.pending.has(running)) continue;
      void thread.worker.terminate();
      leaving.add(thread.worker);
      thread.worker.once("exit", () => leaving.delete(thread.worker));
      bury(thread, 1, null);
    }
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

function revive({ code, message, stack }: ThreadError): Error {
  const error = code === null ? new Error(message) : new FanjoinError(code, message);
  if (stack !== undefined) error.stack = stack;
  return error;
}

function printed(level: "info" | "warn", text: Buffer): Extract<Answer, { type: "log" }> {
  return { type: "log", level, message: text.toString().trimEnd(), fields: null };
}

function deathNote(error: unknown): Extract<Answer, { type: "log" }> {
  const message = reasonOf(error);
  return { type: "log", level: "error", message: `a worker thread died: ${message}`, fields: null };
}
