/** A worker thread: one job, loaded once, run for bundle after bundle. */
import { workerData } from "node:worker_threads";
import type { Job, Logger } from "../../job/job.ts";
import type { Piece } from "../../core/records/contribution.ts";
import type { ChunkMessage } from "../../core/records/message.ts";
import { NativePromise } from "../../core/native-promise.ts";
import { FAN_IN } from "../../core/records/tree.ts";
import type { BatchSpec } from "../../batch/spec.ts";
import { describeJob } from "../../job/describe-job.ts";
import { newAbortController, random, startInterval, wallClockMs } from "../../runner/captured.ts";
import { TURNS } from "../../runner/poison/heartbeat.ts";
import { createRunner } from "../../runner/create-runner.ts";
import { dryJob } from "../../runner/dry-job.ts";
import { Overtaken } from "../../runner/overtaken.ts";
import type { Runner } from "../../runner/runner.ts";
import { createThreadJournal } from "./thread-journal.ts";
import { loadJob } from "./loading/load-job.ts";
import type { LoadedJob } from "./loading/load-job.ts";
import { listenForStrayErrors } from "./stray-errors.ts";
import { IN_BLOCKS } from "../../runner/contribution/value-blocks.ts";
import { createLocalStore } from "../store/store.ts";
import { threadLimits } from "./thread-limits.ts";
import { checkIntervalMs } from "./watching/watchdog.ts";
import { unpackChunks, packDone } from "./packed-chunks.ts";
import {
  CUT,
  CUT_PARTS,
  EVALUATED,
  INTERRUPTED,
  RUNNING,
  heartbeatIn,
  threadError,
} from "./thread-messages.ts";
import type {
  Answer,
  Call,
  ChunksCall,
  MergeCall,
  ParamsCall,
  PlanCall,
  SeenItems,
  ThreadSetup,
} from "./thread-messages.ts";
import { printable, textOf } from "./log-entry.ts";
import { checkParams } from "./check-params.ts";

/** V8 keeps 10. */
const STACK_FRAMES = 30;

const setup: ThreadSetup = { ...(workerData as ThreadSetup) };
const { port } = setup;
// The job sees this object, too, and has no business with what is in it.
for (const name of Object.keys(setup)) Reflect.deleteProperty(workerData as object, name);
const exit = process.exit.bind(process);
const post = port.postMessage.bind(port);
const say = (answer: Answer): void => post(answer);

const state = new Int32Array(setup.state);
// The frames of a job may lie below those of its packages.
Error.stackTraceLimit = STACK_FRAMES;
/** Items run one at a time, so there is nothing else to do while one waits for a file. */
let inTurn = false;
const store = createLocalStore({ ...setup, readsAtOnce: () => inTurn });
const heartbeat = heartbeatIn(setup.state);
const file = createThreadJournal(setup.directory, setup.segmentName);
const specs = new Map<string, BatchSpec>();
const overtaken = new Overtaken();
let controller = newAbortController();
/**
 * The error that breaks the running request off: one of its items left it behind, and it is not known which.
 */
let brokenOff: Error | null = null;

const log = (level: "debug" | "info" | "warn" | "error") => (message: string, fields?: unknown) =>
  say({ type: "log", level, message: textOf(message), fields: printable(fields) });
const logger: Logger = { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };

// Not awaited here: if a job file awaits a promise that never settles, Node would blame this module.
loadJob(setup.jobFile, () => void Atomics.store(state, EVALUATED, 1))
  .then(serve)
  .catch((thrown: unknown) => say({ type: "unusable", error: threadError(thrown) }));

function serve({ job: loaded, replaced }: LoadedJob): void {
  const job = setup.dryRun ? dryJob(loaded) : loaded;
  const journal = listenForStrayErrors({
    file: setup.inChild ? file : null,
    heartbeat,
    log: logger,
    breakOff(error) {
      brokenOff = error;
      controller.abort();
    },
  });
  beat(job.options.itemTimeoutMs);
  inTurn = job.options.concurrency === 1;
  const limits = threadLimits(say);
  const runner = createRunner({
    largeValues: IN_BLOCKS,
    job,
    limits: setup.limited ? limits.source : undefined,
    store,
    log: logger,
    signal: () => controller.signal,
    interrupted: isInterrupted,
    cutting: {
      // Asked before every item, so without synchronisation: a late answer does no harm.
      isDue: () => state[CUT] !== 0 && state[CUT] === state[RUNNING],
      // Otherwise parts that are long in opening would be cut again and again, with an item done in each.
      pays: (openingMs, workedMs) => workedMs >= openingMs,
      mayCut: () => !isInterrupted(),
      partsFor: (leftMs) =>
        Math.max(1, Math.min(Atomics.load(state, CUT_PARTS), Math.ceil(leftMs / MIN_PART_MS))),
      isLate: () => false,
    },
    now: wallClockMs,
    random,
    heartbeat,
    journal,
    overtaken,
    setupTimeoutMs: setup.setupTimeoutMs,
  });
  port.on("message", (call: Call) => {
    if (call.type === "teardown") {
      void runner.teardown().then(() => exit(0));
    } else if (call.type === "interrupt") {
      if (Atomics.load(state, RUNNING) <= call.upTo) controller.abort();
    } else if (call.type === "overtaken") {
      overtaken.note(call.chunks);
    } else if (call.type === "leased" || call.type === "entered") {
      limits.answered(call);
    } else {
      enqueue(job, runner, call);
    }
  });
  say({ type: "ready", job: describeJob(job, { schemas: setup.schemas, secrets: true }), replaced });
}

/** A part that takes less is not worth its message. */
const MIN_PART_MS = 20;

function isInterrupted(): boolean {
  return brokenOff !== null || Atomics.load(state, INTERRUPTED) >= Atomics.load(state, RUNNING);
}

type Request = ChunksCall | MergeCall | PlanCall | ParamsCall;

/** Requests that are not taken up yet, oldest first. */
const waiting: Request[] = [];
/** Requests that are not answered yet, oldest first. */
const active = new Map<number, Promise<void>>();
let last = NativePromise.resolve();

/**
 * One request after the other: the next one is taken up when the last has been answered, or all of its items
 * have begun.
 */
function enqueue(job: Job, runner: Runner, call: Request): void {
  waiting.push(call);
  last = last.then(() => takeUp(job, runner, call));
}

/**
 * Resolves when the next request may be taken up. It must not reject: no request would be taken up any more.
 */
async function takeUp(job: Job, runner: Runner, call: Request): Promise<void> {
  waiting.shift();
  // Only plain work shares the thread, and only while nothing has gone wrong.
  const shares = isPlain(call) && brokenOff === null;
  if (!shares || controller.signal.aborted) await NativePromise.all(active.values());
  if (active.size === 0) {
    Atomics.store(state, RUNNING, call.id);
    brokenOff = null;
    if (controller.signal.aborted) controller = newAbortController();
  }
  const draining = NativePromise.withResolvers<void>();
  const answered = answer(job, runner, call, draining.resolve).then(() => {
    active.delete(call.id);
    const [oldest = call.id] = active.keys();
    Atomics.store(state, RUNNING, oldest);
  });
  active.set(call.id, answered);
  await (shares ? NativePromise.race([answered, draining.promise]) : answered);
}

/** Must not reject, as `takeUp`. */
async function answer(job: Job, runner: Runner, call: Request, onDraining: () => void): Promise<void> {
  try {
    if (call.type === "params") {
      await checkParams(job, call.params);
      say({ type: "checked", id: call.id });
    } else if (call.type === "merge") {
      const reply = await runner.merge(call.request);
      say({ type: "merge", id: call.id, reply, files: store.touched() });
    } else if (call.type === "plan") {
      const cut = await runner.plan(call.request);
      say({ type: "plan", id: call.id, cut, files: store.touched() });
    } else {
      // First of all: the spec is sent once.
      const spec = specOf(call);
      const chunks = unpackChunks(call.batch, call.chunks);
      // The death of a hedge says nothing: the first attempt at its chunk shows what the chunk does.
      file.begin(
        call.id,
        chunks.filter(({ kind }) => kind !== "hedge"),
      );
      const { careful, previousBodies } = call;
      const request = { spec, chunks, previousBodies, careful };
      const {
        body,
        done,
        cuts = null,
        overtaken: settled = null,
        failures,
        latency,
      } = await runner.chunks(request, {
        onDraining() {
          say({ type: "draining", id: call.id });
          onDraining();
        },
        onPart({ body: part, done: finished, cuts: cut = null, ...some }) {
          if (brokenOff) return;
          const packed = { body: part, done: packDone(finished), cuts: cut, seen: seenIn(some) };
          say({ type: "part", id: call.id, ...packed, files: store.touched() });
        },
      });
      throwIfBrokenOff();
      const merge = done.length === chunks.length ? earlyMerge(call, chunks, body) : null;
      const merging = merge && merge.id;
      const seen = seenIn({ failures, latency });
      const packed = { body, done: packDone(done), cuts, overtaken: settled, seen };
      say({ type: "chunks", id: call.id, ...packed, merging, files: store.touched() });
      if (merge) enqueue(job, runner, merge);
    }
  } catch (thrown) {
    say({ type: "failed", id: call.id, error: threadError(thrown) });
  } finally {
    file.end(call.id, isPlain(waiting[0]));
  }
}

function seenIn({
  failures,
  latency,
}: { [Name in keyof SeenItems]: SeenItems[Name] | undefined }): SeenItems {
  return { ...(failures ? { failures } : {}), ...(latency ? { latency } : {}) };
}

/**
 * The merge of a leaf whose chunks are this call alone. The engine will ask for it once the chunks are
 * settled; to begin at once saves the way there and back. The root waits for nothing: it runs `finish`, and
 * writes files.
 */
function earlyMerge(
  { batch, early }: ChunksCall,
  chunks: readonly ChunkMessage[],
  body: Piece | null,
): MergeCall | null {
  if (!early || !body || (early.root && waiting.length > 0)) return null;
  const { id, tag, index, root } = early;
  const children = chunks.map(() => 0);
  return {
    type: "merge",
    id,
    request: { batch, index, tag, root, first: index * FAN_IN, children, bodies: [body] },
  };
}

function isPlain(call: Request | undefined): boolean {
  return call?.type === "chunks" && call.careful === null;
}

function throwIfBrokenOff(): void {
  if (brokenOff) throw brokenOff;
}

/** Shows the watchdog that this thread is not kept busy by one item. */
function beat(itemTimeoutMs: number): void {
  startInterval(
    () => (heartbeat[TURNS] = (heartbeat[TURNS] ?? 0) + 1),
    checkIntervalMs(itemTimeoutMs),
  ).unref();
}

function specOf({ batch, spec }: ChunksCall): BatchSpec {
  const known = spec ?? specs.get(batch);
  if (!known) throw new Error(`the thread was never told of batch ${batch}`);
  specs.set(batch, known);
  return known;
}
