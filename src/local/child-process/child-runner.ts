/**
 * A runner in a child process, for chunks under which whole processes died. If the child dies too, the item
 * that it had open is to blame. One request runs at a time.
 */
import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { TEARDOWN_MS } from "../../runner/own.ts";
import { ItemDied } from "../../runner/poison/item-died.ts";
import type { Death } from "../../runner/poison/item-died.ts";
import type { ChunksReply, ChunksRequest, Runner } from "../../runner/runner.ts";
import { threadJournals, readThreadJournal, removeThreadJournal } from "../threads/thread-journal.ts";
import { ThreadDied } from "../threads/watching/thread-died.ts";
import type { ThreadPoolOptions } from "../threads/pool/pool-options.ts";
import type { LimitsHolder } from "../threads/thread-limits.ts";
import { answerLimits } from "../threads/thread-limits.ts";
import { isLimitsRequest } from "../threads/limits-messages.ts";
import type { LimitsAnswer, LimitsRequest } from "../threads/limits-messages.ts";
import { revive } from "../threads/thread-messages.ts";
import type { Answer, ThreadError } from "../threads/thread-messages.ts";

export interface ChildRunner extends Pick<Runner, "chunks"> {
  interrupt(graceMs: number): void;
  close(): Promise<void>;
}

/** A child that is asked to end has this long: its threads have `TEARDOWN_MS`. */
const CLOSE_MS = TEARDOWN_MS + 2000;

interface Child extends LimitsHolder {
  readonly process: ChildProcess;
  /** Of its segments and journal files. */
  readonly prefix: string;
  readonly gone: Promise<void>;
}

export function startChildRunner(options: Omit<ThreadPoolOptions, "count">): ChildRunner {
  const { directory, jobFile, segmentPrefix, dryRun } = options;
  let child: Child | null = null;
  let started = 0;
  let closed = false;
  let strays = 0;
  /** Requests that were made before the last interrupt are not run. */
  let interrupts = 0;
  let pending: PromiseWithResolvers<ChunksReply> | null = null;
  /** Settled when the request before has been answered. */
  let last: Promise<unknown> = Promise.resolve();

  function start(): Child {
    const prefix = `${segmentPrefix}-child${started++}`;
    const process = fork(fileURLToPath(import.meta.resolve("#child")), {
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    process.on("message", (answer: unknown) => receive(answer));
    process.stderr?.on("data", (text: Buffer) => {
      options.onLog({ type: "log", level: "warn", message: text.toString().trimEnd(), fields: null });
    });
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    process.once("exit", (code, signal) => {
      bury(prefix, signal ?? `exit code ${code}`);
      resolve();
    });
    // The child could not be started or reached.
    process.on("error", (error) => {
      process.kill("SIGKILL");
      bury(prefix, error.message);
      if (process.pid === undefined) resolve();
    });
    const limited = options.limits !== undefined;
    process.send({
      type: "start",
      jobFile,
      directory,
      segmentPrefix: prefix,
      dryRun,
      limited,
    } satisfies ChildCall);
    // A child that has ended meanwhile needs no answer.
    const postMessage = (call: LimitsAnswer): void => {
      if (process.connected) process.send(call);
    };
    return { process, prefix, gone, postMessage };
  }

  function receive(answer: unknown): void {
    if (!isOurs(answer)) return stray();
    if (answer.type === "files") return options.onFiles(answer.files);
    if (answer.type === "log") return options.onLog(answer.entry);
    if (isLimitsRequest(answer)) return answerChild(answer);
    if (!pending) return;
    const { resolve, reject } = pending;
    pending = null;
    if (answer.type === "done") resolve(answer.reply);
    else if (answer.type === "item-died") reject(new ItemDied(answer.death));
    else if (answer.type === "thread-died") reject(new ThreadDied(answer.blame, answer.reason));
    else reject(revive(answer.error));
  }

  function answerChild(request: LimitsRequest): void {
    if (child) void answerLimits(options.limits, request, child);
  }

  /** Said once. */
  function stray(): void {
    if (strays++ > 0) return;
    const message = `the job file ${jobFile} sends messages to its parent process: nobody reads them there, and they are ignored`;
    options.onLog({ type: "log", level: "warn", message, fields: null });
  }

  function bury(prefix: string, reason: string): void {
    if (child?.prefix !== prefix) return;
    options.limits?.gone(child);
    child = null;
    try {
      const death = deathIn(directory, prefix, reason);
      pending?.reject(death && !closed ? new ItemDied(death) : new ThreadDied(!closed, reason));
    } catch (error) {
      // This is a listener: nobody would catch it.
      pending?.reject(error);
    }
    pending = null;
  }

  async function run(request: ChunksRequest, askedAfter: number): Promise<ChunksReply> {
    if (closed || askedAfter !== interrupts) return { body: null, done: [] };
    child ??= start();
    pending = Promise.withResolvers();
    child.process.send({ type: "chunks", request } satisfies ChildCall);
    return pending.promise;
  }

  return {
    chunks(request) {
      const askedAfter = interrupts;
      const reply = last.then(() => run(request, askedAfter));
      last = reply.catch(() => undefined);
      return reply;
    },
    interrupt(graceMs) {
      interrupts++;
      if (pending) child?.process.send({ type: "interrupt", graceMs } satisfies ChildCall);
    },
    async close() {
      closed = true;
      if (!child) return;
      const { process, gone } = child;
      process.send({ type: "close" } satisfies ChildCall);
      const late = setTimeout(() => process.kill("SIGKILL"), CLOSE_MS);
      await gone;
      clearTimeout(late);
    },
  };
}

/** The item that the child had open; its journal files are read and removed. */
function deathIn(directory: string, prefix: string, reason: string): Death | null {
  let death: Death | null = null;
  for (const name of threadJournals(directory).filter((one) => one.startsWith(`${prefix}-`))) {
    // It runs one bundle at a time, of one chunk.
    const [{ chunks: [chunk], item } = { chunks: [], item: null }] = readThreadJournal(directory, name);
    removeThreadJournal(directory, name);
    if (chunk === undefined || item === null) continue;
    const message = `the item ended the process that ran it: ${reason}`;
    death = { chunk, index: item, code: "ITEM_CRASHED", error: { name: "CrashError", message } };
  }
  return death;
}

/**
 * Whether the child's main thread has sent it. A job has no way to: it runs in a thread, which has no
 * `process.send`. Native code may still write to the channel.
 */
function isOurs(answer: unknown): answer is ChildAnswer {
  if (typeof answer !== "object" || answer === null || !("type" in answer)) return false;
  return typeof answer.type === "string" && KINDS.has(answer.type);
}

const KINDS: ReadonlySet<string> = new Set<ChildAnswer["type"]>([
  "files",
  "log",
  "lease",
  "pause",
  "enter",
  "leave",
  "gone",
  "done",
  "item-died",
  "thread-died",
  "failed",
]);

export type ChildCall =
  | ({ readonly type: "start" } & Pick<
      ThreadPoolOptions,
      "jobFile" | "directory" | "segmentPrefix" | "dryRun"
    > & { readonly limited: boolean })
  | LimitsAnswer
  | { readonly type: "chunks"; readonly request: ChunksRequest }
  | { readonly type: "interrupt"; readonly graceMs: number }
  | { readonly type: "close" };

export type ChildAnswer =
  /** Said before the reply that names them. */
  | { readonly type: "files"; readonly files: readonly string[] }
  | { readonly type: "log"; readonly entry: Extract<Answer, { type: "log" }> }
  | LimitsRequest
  | { readonly type: "done"; readonly reply: ChunksReply }
  | { readonly type: "item-died"; readonly death: Death }
  | { readonly type: "thread-died"; readonly blame: boolean; readonly reason: string }
  | { readonly type: "failed"; readonly error: ThreadError };
