/** The embedded engine: pumps messages through the steps on one machine, durably. */
import { randomBytes } from "node:crypto";
import { join as joinPath } from "node:path";
import { batchKey, hasEnded, isEnding } from "../core/batch.ts";
import { FanjoinError } from "../core/errors.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { ChunkMessage, Message, NodeMessage, PlanMessage, QueueName } from "../core/message.ts";
import type { Fields, Json } from "../core/record.ts";
import { addTotals, NO_TOTALS } from "../core/tree.ts";
import type { Totals } from "../core/tree.ts";
import type { Clock, Ledger, Queue } from "../ports.ts";
import { parseSpec } from "../steps/batch.ts";
import type { BatchSpec } from "../steps/batch.ts";
import { coordinator } from "../steps/coordinator.ts";
import { deadLetter } from "../steps/dead-letter.ts";
import { join } from "../steps/join.ts";
import type { Ports } from "../steps/perform.ts";
import { cancel, submit } from "../steps/submit.ts";
import { progress as progressOf, readBatch } from "../steps/summary.ts";
import { sweepBatch } from "../steps/sweeper.ts";
import { worker } from "../steps/worker.ts";
import { BundleSize } from "./bundle-size.ts";
import { openDatabase } from "./database.ts";
import type { Database } from "./database.ts";
import { STATE_FILE, takeRequests } from "./directory.ts";
import { takeLock } from "./lock.ts";
import { publish, repair } from "./publish.ts";
import type { Delivery } from "./queue.ts";
import { syncPaths } from "./segments.ts";
import { createLocalStore } from "./store.ts";
import type { LocalStore } from "./store.ts";
import { startThreads, ThreadDied } from "./threads.ts";
import type { Threads } from "./threads.ts";
import type { ThreadJob } from "./thread-messages.ts";

export interface EngineOptions {
  /** The state directory, e.g. `.fanjoin`; made if it is missing. */
  readonly directory: string;
  /** Chunks at once: the number of threads. */
  readonly concurrency: number;
  /** `full` (the default) survives a power cut, `normal` the death of the process. */
  readonly synchronous?: "full" | "normal";
  /** What users' jobs log. */
  readonly onLog?: (entry: LogEntry) => void;
}

export interface LogEntry {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: unknown;
}

/** A job as its file describes it. */
export interface JobDescription extends ThreadJob {
  readonly file: string;
}

/** How far a running batch is. */
export interface Progress {
  readonly totals: Totals;
  /** Of all sources together, in the reader's unit. */
  readonly units: number;
}

export interface Engine {
  readonly ledger: Ledger;
  /** Accepts messages for the coordinator; `claimToken` and `submit` want it. */
  readonly queue: Queue;
  /** Loads a job file in a thread, and checks `params` by the job's schema. Throws `JOB_INVALID`. */
  load(file: string, params?: Json): Promise<JobDescription>;
  /** Puts text into the store as input of a batch (inline items); returns the name of the object for `Source.name`. */
  storeInput(batch: string, text: string): Promise<{ name: string; bytes: number; version: string }>;
  /** Durable when it resolves. */
  submit(spec: BatchSpec): Promise<void>;
  /** Goes on with an unfinished batch of this directory. Throws `BATCH_UNKNOWN`, `INPUT_CHANGED`, `INPUT_NOT_FOUND`. */
  resume(batch: string): Promise<void>;
  /** False if it has ended or was asked to end before. */
  cancel(batch: string): Promise<boolean>;
  /** Resolves with the batch's record once it has ended, durably, with its files published. Rejects if the engine failed. */
  finished(batch: string): Promise<Fields>;
  progress(batch: string): Progress;
  /** Stops cleanly: what runs is interrupted, nothing is lost, the directory is free. */
  stop(): Promise<void>;
}

/** How long interrupted code may take to notice; then its thread is replaced. */
const INTERRUPT_GRACE_MS = 300;
/** How often requests of other processes, and deadlines, are looked at. */
const LOOK_MS = 200;
/** Joins at once: each holds the bodies of one node. */
const MOST_JOINS = 16;
/** A delivery that failed comes back after this, doubled each time. */
const RETRY_MS = 50;
/** Receives before a message becomes a dead letter. */
const MAX_RECEIVES = 3;
/**
 * Nothing that is under way gets lost in this process: every delivery is acknowledged or released when its promise settles. So none comes
 * back by time: a planner waits as long as its batch runs, a chunk may take hours. Less than what a timer can wait (2^31 ms).
 */
const VISIBILITY_MS = 20 * 24 * 60 * 60 * 1000;

const HOPELESS: ReadonlySet<ErrorCode> = new Set(["DIRECTORY_UNUSABLE", "JOB_INVALID"]);

const systemClock: Clock = { now: Date.now };

/** Throws `DIRECTORY_IN_USE` naming the process that holds the directory, `DIRECTORY_UNUSABLE`. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { directory } = options;
  const lock = takeLock(directory);
  if ("heldBy" in lock) {
    const { pid, since, command } = lock.heldBy;
    throw new FanjoinError(
      "DIRECTORY_IN_USE",
      `${directory} is in use by process ${pid} (${command}, since ${since}): wait for it, or give another --dir`,
    );
  }
  let engine: Engine | null = null;
  try {
    engine = new EmbeddedEngine(options, () => lock.release());
    await repair(directory, engine.ledger);
    return engine;
  } catch (error) {
    await engine?.stop().catch(nothing);
    lock.release();
    throw error;
  }
}

/** A batch that this engine works on. */
interface Active {
  readonly spec: BatchSpec;
  totals: Totals;
  interrupted: boolean;
  readonly ended: PromiseWithResolvers<Fields>;
}

class EmbeddedEngine implements Engine {
  readonly ledger: Ledger;
  readonly queue: Queue;
  readonly #options: EngineOptions;
  readonly #database: Database;
  readonly #store: LocalStore;
  readonly #ports: Ports;
  readonly #release: () => void;
  readonly #pools = new Map<string, Threads>();
  readonly #active = new Map<string, Active>();
  readonly #size = new BundleSize();
  readonly #started = Date.now().toString(36);
  readonly #looking: NodeJS.Timeout;
  /** Files that the next commit names. */
  #files = new Set<string>();
  #bundles = 0;
  #joins = 0;
  #running = new Set<Promise<void>>();
  #planners: (() => void)[] = [];
  #pumping = false;
  #stopping = false;
  #stopped: Promise<void> | null = null;
  #alarm: NodeJS.Timeout | undefined;

  constructor(options: EngineOptions, release: () => void) {
    this.#options = options;
    this.#release = release;
    const { directory, synchronous = "full" } = options;
    this.#store = createLocalStore({ directory, segmentName: `${this.#started}-main` });
    this.#database = openDatabase({
      file: joinPath(directory, STATE_FILE),
      synchronous,
      clock: systemClock,
      ...(synchronous === "full" ? { beforeCommit: () => this.#sync() } : {}),
      onFailure: (error) => this.#fail(error),
      queue: {
        maxReceives: MAX_RECEIVES,
        visibilityMs: {
          coordinator: VISIBILITY_MS,
          worker: VISIBILITY_MS,
          join: VISIBILITY_MS,
          "dead-letter": VISIBILITY_MS,
        },
      },
    });
    const { ledger, queue } = this.#database;
    this.ledger = ledger;
    this.queue = queue;
    this.#ports = { ledger, queue: this.#paced(queue), store: this.#store, clock: systemClock, newTag };
    queue.onArrival(() => this.#wake());
    this.#looking = setInterval(() => void this.#look(), LOOK_MS);
  }

  async load(file: string, params: Json = null): Promise<JobDescription> {
    const pool = this.#pool(file);
    const job = await pool.job;
    await pool.checkParams(params);
    return { file, ...job };
  }

  async storeInput(batch: string, text: string): Promise<{ name: string; bytes: number; version: string }> {
    const name = `batches/${batch}/input.jsonl`;
    await this.#store.compose(name, one({ text }));
    const stat = await this.#store.stat(name);
    if (!stat) throw new Error(`${name} was written and is not there`);
    return { name, ...stat };
  }

  async submit(spec: BatchSpec): Promise<void> {
    this.#activate(spec);
    await submit(this.#ports, spec);
    await this.#database.committed();
  }

  async resume(batch: string): Promise<void> {
    const fields = await readBatch(this.ledger, batch);
    const spec = parseSpec(batch, fields);
    if (fields && hasEnded(fields)) {
      this.#activate(spec);
      return this.#close(batch, fields);
    }
    // One that is to end reads nothing any more.
    if (fields && !isEnding(fields)) await this.#checkInput(spec);
    if (spec.jobFile !== null) await this.#pool(spec.jobFile).job;
    const active = this.#activate(spec);
    active.totals = (await progressOf(this.ledger, batch)).totals;
    this.#database.queue.activate(batch);
  }

  async cancel(batch: string): Promise<boolean> {
    const applied = await cancel(this.#ports, batch);
    await this.#noticeEnding(batch);
    await this.#database.committed();
    return applied;
  }

  finished(batch: string): Promise<Fields> {
    return this.#activeBatch(batch).ended.promise;
  }

  progress(batch: string): Progress {
    const { totals, spec } = this.#activeBatch(batch);
    return { totals, units: spec.input.sources.reduce((sum, { size }) => sum + size, 0) };
  }

  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  async #stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#looking);
    clearTimeout(this.#alarm);
    for (const pool of this.#pools.values()) pool.interrupt(INTERRUPT_GRACE_MS);
    this.#letPlannersGo();
    while (this.#running.size > 0) await Promise.all(this.#running);
    await Promise.all(Array.from(this.#pools.values(), (pool) => pool.close()));
    try {
      await this.#database.close();
    } finally {
      this.#store.close();
      this.#release();
    }
  }

  #activeBatch(batch: string): Active {
    const active = this.#active.get(batch);
    if (!active) throw new FanjoinError("BATCH_UNKNOWN", `batch ${batch} is not being worked on here`);
    return active;
  }

  #activate(spec: BatchSpec): Active {
    const known = this.#active.get(spec.batch);
    if (known) return known;
    const active: Active = {
      spec,
      totals: NO_TOTALS,
      interrupted: false,
      ended: Promise.withResolvers<Fields>(),
    };
    // Rejected when the engine fails; those who do not wait for it are not told.
    active.ended.promise.catch(() => undefined);
    this.#active.set(spec.batch, active);
    return active;
  }

  /** A batch is only ever joined from the input that it was planned from. */
  async #checkInput({ input }: BatchSpec): Promise<void> {
    for (const { name, label, version } of input.sources) {
      if (name === "") continue;
      const stat = await this.#store.stat(name);
      if (!stat)
        throw new FanjoinError("INPUT_NOT_FOUND", `the input ${label} is gone: put it back, then resume`);
      if (stat.version === version) continue;
      throw new FanjoinError(
        "INPUT_CHANGED",
        `the input ${label} is not the one that the batch was planned from: put that one back, or run a new batch`,
      );
    }
  }

  #pool(jobFile: string): Threads {
    let pool = this.#pools.get(jobFile);
    if (!pool) {
      const { directory, concurrency, onLog } = this.#options;
      pool = startThreads({
        jobFile,
        directory,
        count: concurrency,
        segmentPrefix: `${this.#started}-${this.#pools.size}`,
        onFiles: (files) => this.#named(files),
        onLog: ({ level, message, fields }) => onLog?.({ level, message, fields }),
      });
      this.#pools.set(jobFile, pool);
    }
    return pool;
  }

  #poolOf({ jobFile, batch }: BatchSpec): Threads {
    if (jobFile === null) throw new Error(`batch ${batch} has no job file`);
    return this.#pool(jobFile);
  }

  /** The coordinator waits while there are chunks enough: messages lie in memory, and sizes are learned from those that ran. */
  #paced(queue: Queue): Queue {
    return {
      send: async (name: QueueName, messages: readonly Message[]) => {
        if (messages[0]?.kind === "chunk") {
          while (!this.#stopping && this.#enoughFor(messages[0])) {
            await new Promise<void>((resolve) => this.#planners.push(resolve));
          }
          if (this.#stopping) throw new Stopped();
        }
        await queue.send(name, messages);
      },
    };
  }

  #enoughFor({ batch }: ChunkMessage): boolean {
    if (this.#active.get(batch)?.interrupted) return false;
    return this.#database.queue.waiting("worker") >= this.#size.chunks * this.#options.concurrency * 4;
  }

  #letPlannersGo(): void {
    const waiting = this.#planners;
    this.#planners = [];
    for (const go of waiting) go();
  }

  #named(files: readonly string[]): void {
    for (const file of files) this.#files.add(file);
  }

  async #sync(): Promise<void> {
    this.#named(this.#store.touched());
    const files = this.#files;
    this.#files = new Set();
    await syncPaths(files);
  }

  /** Pumps soon, once, however many messages arrive until then. */
  #wake(): void {
    if (this.#pumping || this.#stopping) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      if (this.#stopping) return;
      try {
        this.#pump();
      } catch (error) {
        this.#fail(error);
      }
    });
  }

  #pump(): void {
    const { queue } = this.#database;
    for (const delivery of queue.receive("coordinator", 10)) {
      this.#deliver([delivery], async ({ message }) => coordinator(this.#ports, message as PlanMessage));
    }
    for (const delivery of queue.receive("join", MOST_JOINS - this.#joins)) {
      this.#joins++;
      this.#deliver(
        [delivery],
        (one) => this.#join(one),
        () => this.#joins--,
      );
    }
    for (const delivery of queue.receive("dead-letter", 10)) {
      this.#deliver([delivery], (one) => this.#deadLetter(one));
    }
    while (this.#bundles < this.#options.concurrency * 2) {
      const waiting = queue.waiting("worker");
      const received = queue.receive("worker", this.#size.for(waiting, this.#options.concurrency));
      if (received.length === 0) break;
      for (const bundle of bundlesOf(received)) this.#deliverBundle(bundle);
    }
    this.#letPlannersGo();
    this.#setAlarm();
  }

  /** Messages that are invisible now need somebody to wake up for them. */
  #setAlarm(): void {
    clearTimeout(this.#alarm);
    const at = this.#database.queue.nextWakeAt();
    if (at !== null) this.#alarm = setTimeout(() => this.#wake(), Math.max(1, at - Date.now()));
  }

  #deliver(
    deliveries: readonly Delivery[],
    step: (delivery: Delivery) => Promise<void>,
    after: () => void = nothing,
  ): void {
    const [delivery] = deliveries;
    if (!delivery) return;
    this.#track(
      deliveries,
      async () => {
        await step(delivery);
        return [];
      },
      after,
    );
  }

  #deliverBundle(bundle: readonly Delivery[]): void {
    this.#bundles++;
    const chunks = bundle as readonly (Delivery & { message: ChunkMessage })[];
    const runner = { chunks: this.#runChunks, merge: this.#runMerge };
    this.#track(
      bundle,
      async () => {
        const { unfinished, settled } = await worker(this.#ports, runner, chunks);
        for (const [batch, totals] of settled) this.#count(batch, totals);
        // The worker may have ended the batch, because its input has changed.
        for (const batch of new Set(unfinished.map(({ message }) => message.batch)))
          await this.#noticeEnding(batch);
        return unfinished;
      },
      () => this.#bundles--,
    );
  }

  readonly #runChunks = async (request: Parameters<Threads["chunks"]>[0]): ReturnType<Threads["chunks"]> => {
    // Too late to be interrupted, early enough not to begin.
    if (this.#stopping || this.#active.get(request.spec.batch)?.interrupted) return { body: null, done: [] };
    return this.#poolOf(request.spec).chunks(request);
  };

  readonly #runMerge = (request: Parameters<Threads["merge"]>[0]): ReturnType<Threads["merge"]> =>
    this.#poolOf(this.#activeBatch(request.batch).spec).merge(request);

  async #join({ message }: Delivery): Promise<void> {
    const { node } = message as NodeMessage;
    await join(this.#ports, { chunks: this.#runChunks, merge: this.#runMerge }, message as NodeMessage);
    await this.#closeIfEnded(node.batch);
  }

  async #deadLetter({ message }: Delivery): Promise<void> {
    await deadLetter(this.#ports, { message, receives: MAX_RECEIVES });
    await this.#closeIfEnded("node" in message ? message.node.batch : message.batch);
  }

  /** Runs one delivery, or one bundle, and acknowledges what is done; what failed comes back. */
  #track(deliveries: readonly Delivery[], work: () => Promise<readonly Delivery[]>, after: () => void): void {
    const { queue } = this.#database;
    const run = work()
      .then(
        (unfinished) => {
          const open = new Set(unfinished);
          queue.acknowledge(deliveries.filter((delivery) => !open.has(delivery)));
          // Interrupted, not failed.
          if (open.size > 0) queue.release(unfinished, { counted: false });
        },
        (error: unknown) => this.#failed(deliveries, error),
      )
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        after();
        this.#running.delete(run);
        this.#wake();
      });
    this.#running.add(run);
  }

  #failed(deliveries: readonly Delivery[], error: unknown): void {
    const { queue } = this.#database;
    if (error instanceof Stopped) return queue.release(deliveries, { counted: false });
    // Nothing can be written, or the job file is not what it was when the batch began: no other attempt will do better.
    const hopeless = error instanceof FanjoinError && HOPELESS.has(error.code);
    if (hopeless) return this.#fail(error);
    const innocent = error instanceof ThreadDied && !error.blame;
    if (!innocent && !this.#stopping) this.#warn(error);
    const receives = deliveries[0]?.receives ?? 1;
    queue.release(deliveries, { counted: !innocent, delayMs: innocent ? 0 : RETRY_MS * 2 ** receives });
  }

  #warn(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#options.onLog?.({ level: "warn", message: `${message}; trying again`, fields: null });
  }

  #count(batch: string, totals: Totals): void {
    this.#size.learn(totals);
    const active = this.#active.get(batch);
    if (active) active.totals = addTotals(active.totals, totals);
    if (totals.failed > 0) this.#noticeEnding(batch).catch((error: unknown) => this.#fail(error));
  }

  /** A batch that is to end interrupts what runs of it. */
  async #noticeEnding(batch: string): Promise<void> {
    const active = this.#active.get(batch);
    const [fields] = await this.ledger.read([batchKey(batch)]);
    if (!active || active.interrupted || !fields || !isEnding(fields)) return;
    active.interrupted = true;
    if (active.spec.jobFile !== null) this.#pool(active.spec.jobFile).interrupt(INTERRUPT_GRACE_MS);
    this.#letPlannersGo();
    this.#wake();
  }

  async #closeIfEnded(batch: string): Promise<void> {
    const [fields] = await this.ledger.read([batchKey(batch)]);
    if (fields && hasEnded(fields)) this.#closeLater(batch, fields);
  }

  /** `stop` waits for it. */
  #closeLater(batch: string, fields: Fields): void {
    const run = this.#close(batch, fields).finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  /** What leaves the database waits for the commit. */
  async #close(batch: string, fields: Fields): Promise<void> {
    const active = this.#active.get(batch);
    try {
      this.#database.queue.remove(batch);
      await this.#database.committed();
      publish(this.#options.directory, batch, fields);
      active?.ended.resolve(fields);
    } catch (error) {
      active?.ended.reject(error);
    }
  }

  /** Deadlines of running batches, and what other processes ask for. */
  async #look(): Promise<void> {
    try {
      for (const batch of takeRequests(this.#options.directory)) await this.#cancelFor(batch);
      for (const batch of this.#active.keys()) {
        const [fields] = await this.ledger.read([batchKey(batch)]);
        if (!fields || isEnding(fields)) continue;
        if (await sweepBatch(this.#ports, batch, fields)) await this.#noticeEnding(batch);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** One that was left over from an earlier start is brought to its end here, too. A request that makes no sense is nobody's fault. */
  async #cancelFor(batch: string): Promise<void> {
    try {
      await this.cancel(batch);
      if (!this.#active.has(batch)) await this.resume(batch);
    } catch (error) {
      this.#warn(error);
    }
  }

  /** Nothing can be made durable any more: everybody who waits is told. */
  #fail(error: unknown): void {
    for (const { ended } of this.#active.values()) ended.reject(error);
  }
}

/** The engine stops; what was under way is taken up again by `resume`. */
class Stopped extends Error {
  override readonly name = "Stopped";
}

/** Chunks that were delivered before run alone: if one of them kills its thread, it takes no others with it. */
function bundlesOf(deliveries: readonly Delivery[]): (readonly Delivery[])[] {
  const isFresh = ({ receives, message }: Delivery): boolean =>
    receives === 1 && "attempt" in message && message.attempt === 1;
  const fresh = deliveries.filter(isFresh);
  const suspects = deliveries.filter((delivery) => !isFresh(delivery)).map((delivery) => [delivery]);
  return fresh.length > 0 ? [fresh, ...suspects] : suspects;
}

/** 7 letters and digits: 41 bits, and a tag that is taken is refused by the ledger. */
function newTag(): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  let tag = "";
  for (const byte of randomBytes(7)) tag += alphabet[byte % alphabet.length];
  return tag;
}

async function* one<T>(value: T): AsyncGenerator<T> {
  yield value;
}

function nothing(): void {}
