/** The embedded engine: pumps messages through the steps on one machine, durably. */
import { MAX_RECEIVES } from "../../core/records/message.ts";
import { join as joinPath } from "node:path";
import { hasEnded, isEnding } from "../../core/records/batch.ts";
import { FanjoinError, reasonOf } from "../../core/errors.ts";
import { journalKey } from "../../core/records/crash-journal.ts";
import type { Message, NodeMessage } from "../../core/records/message.ts";
import type { Fields } from "../../core/records/record.ts";
import type { Json } from "../../core/json.ts";
import { NO_TOTALS, addTotals } from "../../core/records/tree.ts";
import type { Totals } from "../../core/records/tree.ts";
import type { Clock, Ledger, Ports, Queue } from "../../ports.ts";
import { parseSpec, readBatch, readSpec, unitsOf } from "../../batch/spec.ts";
import type { BatchSpec } from "../../batch/spec.ts";
import type { RedriveFilter } from "../../core/redrive-filter.ts";
import { coordinator } from "../../steps/coordinator.ts";
import { deadLetter } from "../../steps/dead-letter.ts";
import type { DescribedJob } from "../../job/describe-job.ts";
import { join } from "../../steps/join.ts";
import { storeInput } from "../../batch/job-input.ts";
import type { StoreInput, StoredInput } from "../../batch/job-input.ts";
import { redrive } from "../../batch/redrive.ts";
import { cancel, submit } from "../../batch/submit.ts";
import { failedBefore, readTotals } from "../../batch/progress.ts";
import { sweepBatch, wakeUnlaid } from "../../steps/sweeper.ts";
import { worker } from "../../steps/worker.ts";
import { BundleSize } from "./bundle-size.ts";
import { openDatabase } from "../sqlite/database.ts";
import type { Database } from "../sqlite/database.ts";
import { STATE_FILE, takeRequests } from "../directory/directory.ts";
import { engineRunner } from "./engine-runner.ts";
import { checkInput } from "../directory/check-input.ts";
import { JobThreads } from "./job-threads.ts";
import { removeLitter } from "../directory/orphans.ts";
import { takeLock } from "../directory/lock.ts";
import { pacedQueue } from "./backpressure.ts";
import type { PacedQueue } from "./backpressure.ts";
import { countProcessDeaths, suspiciousKeys } from "../threads/process-deaths.ts";
import { publish, repair } from "../directory/publish.ts";
import { Pump } from "./pump.ts";
import type { QueuedChunk } from "./pump.ts";
import { createLocalStore } from "../store/store.ts";
import type { LocalStore } from "../store/store.ts";
import { newTag } from "./new-tag.ts";
import type { Progress } from "../../batch/progress.ts";

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
export interface JobDescription extends DescribedJob {
  readonly file: string;
}

export interface Engine {
  readonly ledger: Ledger;
  /** Accepts messages for the coordinator; `claimToken` and `submit` want it. */
  readonly queue: Queue;
  /** Loads a job file in a thread, and checks `params` by the job's schema. Throws `JOB_INVALID`. */
  load(file: string, params?: Json): Promise<JobDescription>;
  /**
   * The same with the job's schemas, without starting the threads that run it; `params` are checked if they
   * are given. Throws `JOB_INVALID`.
   */
  describe(file: string, params?: Json): Promise<JobDescription>;
  /**
   * From now on the job file is what it is now. False, and nothing changes, as long as a batch of it runs.
   */
  reload(file: string): Promise<boolean>;
  readonly storeInput: StoreInput;
  /** Durable when it resolves. */
  submit(spec: BatchSpec): Promise<void>;
  /**
   * Goes on with an unfinished batch of this directory. Throws `BATCH_UNKNOWN`, `INPUT_CHANGED`,
   * `INPUT_NOT_FOUND`.
   */
  resume(batch: string): Promise<void>;
  /**
   * Does again what failed in a batch that has ended; false if there is nothing. Durable when it resolves.
   * Its job has to be loaded before. Throws as `redrive` of the steps, `INPUT_CHANGED`, `INPUT_NOT_FOUND`.
   */
  redrive(batch: string, filter: RedriveFilter | null): Promise<boolean>;
  /** False if it has ended or was asked to end before. */
  cancel(batch: string): Promise<boolean>;
  /**
   * Resolves with the batch's record once it has ended, durably, with its files published. Rejects if the
   * engine failed.
   */
  finished(batch: string): Promise<Fields>;
  progress(batch: string): Progress & { readonly totals: Totals };
  /** Resolves once everything that was written before is durable. */
  committed(): Promise<void>;
  /** Stops cleanly: what runs is interrupted, nothing is lost, the directory is free. */
  stop(): Promise<void>;
}

/** How often requests of other processes, and deadlines, are looked at. */
const LOOK_MS = 200;
/** Chunks that wait in the queue, in bundles per thread, before a planner has to. */
const BUNDLES_AHEAD = 4;
/**
 * Nothing that is under way gets lost in this process: every delivery is acknowledged or released when its
 * promise settles. So none comes back by time: a planner waits as long as its batch runs, a chunk may take
 * hours. Less than what a timer can wait (2^31 ms).
 */
const VISIBILITY_MS = 20 * 24 * 60 * 60 * 1000;

const systemClock: Clock = { now: Date.now };

/** Throws `DIRECTORY_IN_USE` naming the process that holds the directory, `DIRECTORY_UNUSABLE`. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { directory } = options;
  const lock = takeLock(directory);
  if ("heldBy" in lock) {
    const { pid, since, command } = lock.heldBy;
    throw new FanjoinError(
      "DIRECTORY_IN_USE",
      `${directory} is in use by process ${pid} (${command}, since ${since}): \`fanjoin watch\` follows its batch, \`fanjoin cancel\` ends it; to run another one now, give another --dir`,
    );
  }
  let engine: Engine | null = null;
  try {
    const opened = new EmbeddedEngine(options, () => lock.release());
    engine = opened;
    await repair(directory, engine.ledger);
    removeLitter(directory);
    await countProcessDeaths(directory, engine.ledger, () => opened.committed());
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
  /** False once a chunk was read from a spool: sizes of sources are not those of their text then. */
  measured: boolean;
  /** `null`: it is no redrive. */
  failedBefore: number | null;
  interrupted: boolean;
  readonly ended: PromiseWithResolvers<Fields>;
}

class EmbeddedEngine implements Engine {
  readonly ledger: Ledger;
  readonly queue: Queue;
  readonly #options: EngineOptions;
  readonly #database: Database;
  readonly #store: LocalStore;
  readonly #paced: PacedQueue;
  readonly #ports: Ports;
  readonly #pump: Pump;
  readonly #release: () => void;
  readonly #threads: JobThreads;
  readonly #active = new Map<string, Active>();
  /** Journals of chunks under which a process died in an earlier start. */
  readonly #suspects = new Set<string>();
  readonly #size = new BundleSize();
  readonly #looking: NodeJS.Timeout;
  #stopped: Promise<void> | null = null;

  constructor(options: EngineOptions, release: () => void) {
    this.#options = options;
    this.#release = release;
    const { directory, concurrency, onLog } = options;
    const started = Date.now().toString(36);
    this.#store = createLocalStore({ directory, segmentName: `${started}-main` });
    this.#threads = new JobThreads({
      directory,
      count: concurrency,
      started,
      onLog: ({ level, message, fields }) => onLog?.({ level, message, fields }),
    });
    this.#database = this.#open(options);
    const { ledger, queue } = this.#database;
    this.ledger = ledger;
    this.queue = queue;
    this.#paced = pacedQueue(queue, (batch) => this.#hasEnough(batch));
    this.#ports = { ledger, queue: this.#paced, store: this.#store, clock: systemClock, newTag };
    this.#pump = new Pump({
      queue,
      concurrency,
      size: this.#size,
      suspect: (message) => this.#suspects.size > 0 && this.#suspects.has(journalKey(message)),
      coordinator: (message) => coordinator(this.#ports, this.#runner, message),
      worker: (bundle) => this.#work(bundle),
      join: (message) => this.#join(message),
      deadLetter: (message) => this.#deadLetter(message),
      onRoom: () => this.#paced.release(),
      onRetry: (error) => this.#warn(error),
      onFailure: (error) => this.#fail(error),
    });
    this.#looking = setInterval(() => void this.#look(), LOOK_MS);
  }

  #open({ directory, synchronous = "full" }: EngineOptions): Database {
    const never = VISIBILITY_MS;
    return openDatabase({
      file: joinPath(directory, STATE_FILE),
      synchronous,
      clock: systemClock,
      ...(synchronous === "full" ? { beforeCommit: () => this.#sync() } : {}),
      onFailure: (error) => this.#fail(error),
      queue: {
        visibilityMs: { coordinator: never, worker: never, join: never, "dead-letter": never },
      },
    });
  }

  async load(file: string, params: Json = null): Promise<JobDescription> {
    const threads = this.#threads.for(file);
    const job = await threads.job;
    await threads.checkParams(params);
    return { file, ...job };
  }

  async describe(file: string, params?: Json): Promise<JobDescription> {
    const describer = this.#threads.describer(file);
    const job = await describer.job;
    if (params !== undefined) await describer.checkParams(params);
    return { file, ...job };
  }

  async reload(file: string): Promise<boolean> {
    for (const { spec } of this.#active.values()) {
      if (spec.jobFile !== file) continue;
      const fields = await readBatch(this.ledger, spec.batch);
      if (fields && !hasEnded(fields)) return false;
    }
    await this.#threads.forget(file);
    return true;
  }

  storeInput(batch: string, text: string): Promise<StoredInput> {
    return storeInput(this.#ports, batch, text);
  }

  async submit(spec: BatchSpec): Promise<void> {
    this.#activate(spec);
    await submit(this.#ports, spec);
    await this.#database.committed();
    await this.#closeIfEnded(spec.batch);
  }

  async resume(batch: string): Promise<void> {
    const fields = await readBatch(this.ledger, batch);
    const spec = parseSpec(batch, fields);
    const ended = fields !== null && hasEnded(fields);
    // One that is to end reads nothing any more.
    if (fields && !ended && !isEnding(fields)) await checkInput(this.#store, spec);
    if (!ended && spec.jobFile !== null) await this.#threads.for(spec.jobFile).job;
    await this.#adopt(batch);
    if (fields) await wakeUnlaid(this.#ports, batch, fields);
  }

  async redrive(batch: string, filter: RedriveFilter | null): Promise<boolean> {
    const spec = await readSpec(this.ledger, batch);
    await checkInput(this.#store, spec);
    if (!(await redrive(this.#ports, batch, filter))) return false;
    this.#active.delete(batch);
    await this.#adopt(batch);
    await this.#database.committed();
    await this.#closeIfEnded(batch);
    return true;
  }

  async cancel(batch: string): Promise<boolean> {
    const applied = await cancel(this.#ports, batch);
    // Its input is not read any more, so that may have changed.
    await this.#adopt(batch);
    await this.#noticeEnding(batch);
    await this.#database.committed();
    return applied;
  }

  /** Takes over a batch that was left from an earlier start. */
  async #adopt(batch: string): Promise<void> {
    const fields = await readBatch(this.ledger, batch);
    if (!fields || this.#active.has(batch)) return;
    const active = this.#activate(parseSpec(batch, fields));
    if (hasEnded(fields)) return this.#close(batch, fields);
    active.totals = (await readTotals(this.ledger, batch)).totals;
    active.failedBefore = failedBefore(fields);
    for (const key of await suspiciousKeys(this.ledger, batch)) this.#suspects.add(key);
    this.#database.queue.activate(batch);
  }

  finished(batch: string): Promise<Fields> {
    return this.#activeBatch(batch).ended.promise;
  }

  progress(batch: string): Progress & { readonly totals: Totals } {
    const { totals, spec, measured, failedBefore } = this.#activeBatch(batch);
    // How much there is to be done again nobody has measured.
    const units = measured && failedBefore === null ? unitsOf(spec.input) : null;
    return { totals, units, failedBefore };
  }

  committed(): Promise<void> {
    return this.#database.committed();
  }

  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  async #stop(): Promise<void> {
    clearInterval(this.#looking);
    this.#threads.interrupt();
    this.#paced.stop();
    await this.#pump.stop();
    await this.#threads.close();
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
    const ended = Promise.withResolvers<Fields>();
    // Rejected when the engine fails; those who do not wait for it are not told.
    ended.promise.catch(nothing);
    const active: Active = {
      spec,
      totals: NO_TOTALS,
      measured: true,
      failedBefore: null,
      interrupted: false,
      ended,
    };
    this.#active.set(spec.batch, active);
    return active;
  }

  #hasEnough(batch: string): boolean {
    if (this.#active.get(batch)?.interrupted) return false;
    const enough = this.#size.chunks * this.#options.concurrency * BUNDLES_AHEAD;
    return this.#database.queue.waiting("worker") >= enough;
  }

  async #sync(): Promise<void> {
    this.#threads.written(this.#store.touched());
    await this.#threads.sync();
  }

  readonly #runner = engineRunner({
    threads: () => this.#threads,
    isWanted: (batch) => !this.#stopped && !this.#active.get(batch)?.interrupted,
    specOf: (batch) => this.#activeBatch(batch).spec,
  });

  async #work(bundle: readonly QueuedChunk[]): Promise<readonly QueuedChunk[]> {
    for (const { message } of bundle) {
      const active = message.spool && this.#active.get(message.batch);
      if (active) active.measured = false;
    }
    const { unfinished, settled } = await worker(this.#ports, this.#runner, bundle);
    for (const [batch, totals] of settled) {
      this.#size.learn(totals);
      const active = this.#active.get(batch);
      if (active) active.totals = addTotals(active.totals, totals);
      // The worker may have ended the batch: too many items failed, or the input has changed.
      if (totals.failed > 0 || unfinished.length > 0) await this.#noticeEnding(batch);
    }
    return unfinished;
  }

  async #join(message: NodeMessage): Promise<void> {
    await join(this.#ports, this.#runner, message);
    await this.#closeIfEnded(message.node.batch);
  }

  async #deadLetter(message: Message): Promise<void> {
    await deadLetter(this.#ports, { message, receives: MAX_RECEIVES });
    await this.#closeIfEnded("node" in message ? message.node.batch : message.batch);
  }

  #warn(error: unknown): void {
    this.#options.onLog?.({ level: "warn", message: `${reasonOf(error)}; trying again`, fields: null });
  }

  /** A batch that is to end interrupts what runs of it. */
  async #noticeEnding(batch: string): Promise<void> {
    const active = this.#active.get(batch);
    const fields = await readBatch(this.ledger, batch);
    if (!active || active.interrupted || !fields || !isEnding(fields)) return;
    active.interrupted = true;
    this.#threads.interrupt(active.spec);
    this.#paced.release();
    this.#pump.wake();
  }

  async #closeIfEnded(batch: string): Promise<void> {
    const fields = await readBatch(this.ledger, batch);
    if (fields && hasEnded(fields)) this.#pump.track(this.#close(batch, fields));
  }

  /** What leaves the database waits for the commit. */
  async #close(batch: string, fields: Fields): Promise<void> {
    const active = this.#active.get(batch);
    try {
      this.#database.queue.remove(batch);
      void this.#threads.dismiss(batch);
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
        const fields = await readBatch(this.ledger, batch);
        if (!fields || isEnding(fields)) continue;
        if (await sweepBatch(this.#ports, batch, fields)) await this.#noticeEnding(batch);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** A request that makes no sense is nobody's fault. */
  async #cancelFor(batch: string): Promise<void> {
    try {
      await this.cancel(batch);
    } catch (error) {
      this.#warn(error);
    }
  }

  /** Nothing can be made durable any more: everybody who waits is told. */
  #fail(error: unknown): void {
    for (const { ended } of this.#active.values()) ended.reject(error);
  }
}

function nothing(): void {}
