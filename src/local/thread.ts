/** A worker thread: one job, loaded once, run for bundle after bundle. */
import { parentPort, workerData } from "node:worker_threads";
import { FanjoinError } from "../core/errors.ts";
import type { Job, Logger } from "../job.ts";
import type { BatchSpec } from "../steps/batch.ts";
import { parseParams } from "../steps/params.ts";
import { createRunner } from "../steps/run-chunks.ts";
import type { Runner } from "../steps/runner.ts";
import { loadJob } from "./load-job.ts";
import { createLocalStore } from "./store.ts";
import { INTERRUPTED, packDone, RUNNING, unpackChunks } from "./thread-messages.ts";
import type {
  Answer,
  Call,
  ChunksCall,
  MergeCall,
  ParamsCall,
  PlanCall,
  ThreadError,
  ThreadJob,
  ThreadSetup,
} from "./thread-messages.ts";

const port = parentPort;
if (!port) throw new Error("this module is a worker thread's");
const setup = workerData as ThreadSetup;
const say = (answer: Answer): void => port.postMessage(answer);

const state = new Int32Array(setup.state);
const store = createLocalStore(setup);
const specs = new Map<string, BatchSpec>();
let controller = new AbortController();

const log = (level: "debug" | "info" | "warn" | "error") => (message: string, fields?: unknown) =>
  say({ type: "log", level, message, fields: printable(fields) });
const logger: Logger = { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };

try {
  serve(await loadJob(setup.jobFile));
} catch (thrown) {
  say({ type: "unusable", error: threadError(thrown) });
}

function serve(job: Job): void {
  const runner = createRunner({
    job,
    store,
    log: logger,
    signal: () => controller.signal,
    interrupted: () => Atomics.load(state, INTERRUPTED) >= Atomics.load(state, RUNNING),
    now: Date.now,
    random: Math.random,
  });
  // One request after the other: the next one is taken up when the last has been answered.
  let last = Promise.resolve();
  port?.on("message", (call: Call) => {
    if (call.type !== "interrupt") last = last.then(() => answer(job, runner, call));
    else if (Atomics.load(state, RUNNING) <= call.upTo) controller.abort();
  });
  const { name, input, options, join } = job;
  // Functions of the retry policy stay here: the engine needs the numbers only.
  const described: ThreadJob = {
    name,
    input,
    options: { ...options, retries: { ...options.retries, on: null, except: [] } },
    joins: join !== null,
    outputs: join?.outputs ?? false,
  };
  // As JSON, because inline items may hold what a message cannot carry.
  say({ type: "ready", job: JSON.parse(JSON.stringify(described)) as ThreadJob });
}

async function answer(
  job: Job,
  runner: Runner,
  call: ChunksCall | MergeCall | PlanCall | ParamsCall,
): Promise<void> {
  Atomics.store(state, RUNNING, call.id);
  if (controller.signal.aborted) controller = new AbortController();
  try {
    if (call.type === "params") {
      await parseParams(job, call.params);
      say({ type: "checked", id: call.id });
    } else if (call.type === "merge") {
      const reply = await runner.merge(call.request);
      say({ type: "merge", id: call.id, reply, files: store.touched() });
    } else if (call.type === "plan") {
      const cut = await runner.plan(call.request);
      say({ type: "plan", id: call.id, cut, files: store.touched() });
    } else {
      const { body, done } = await runner.chunks({
        spec: specOf(call),
        chunks: unpackChunks(call.batch, call.chunks),
      });
      say({ type: "chunks", id: call.id, body, done: packDone(done), files: store.touched() });
    }
  } catch (thrown) {
    say({ type: "failed", id: call.id, error: threadError(thrown) });
  }
}

function specOf({ batch, spec }: ChunksCall): BatchSpec {
  const known = spec ?? specs.get(batch);
  if (!known) throw new Error(`the thread was never told of batch ${batch}`);
  specs.set(batch, known);
  return known;
}

function threadError(thrown: unknown): ThreadError {
  const code = thrown instanceof FanjoinError ? thrown.code : null;
  if (thrown instanceof Error) return { code, message: thrown.message, stack: thrown.stack };
  return { code, message: String(thrown), stack: undefined };
}

/** Log fields as the other side can receive them. */
function printable(fields: unknown): unknown {
  try {
    return structuredClone(fields);
  } catch {
    return String(fields);
  }
}
