/** The parts of the embedded engine, and how they are wired. */
import { MAX_RECEIVES, batchOf } from "../../core/records/message.ts";
import { committedTotals } from "../../batch/summary/progress.ts";
import { generationOf } from "../../core/records/batch/batch.ts";
import { reasonOf } from "../../core/errors/errors.ts";
import type { PlanMessage } from "../../core/records/message.ts";
import type { Fields } from "../../core/records/record.ts";
import type { Clock, Ledger, Ports, Queue } from "../../ports.ts";
import { coordinator } from "../../steps/coordinator.ts";
import { deadLetter } from "../../steps/dead-letter.ts";
import { join } from "../../steps/join.ts";
import { ActiveBatches } from "./active-batches.ts";
import { BundleWork } from "./running/bundle-work.ts";
import { OwnedBatches } from "./owned-batches.ts";
import { batchLimits } from "./running/batch-limits.ts";
import { BatchEnds } from "./batch-ends.ts";
import { BatchTurns } from "./pumping/batch-turns.ts";
import type { Commits } from "../sqlite/commits.ts";
import type { Database } from "../sqlite/database.ts";
import type { Lock } from "../directory/lock.ts";
import type { Cleanup } from "../directory/cleanup.ts";
import type { OwnerRequest } from "../directory/directory.ts";
import { watchDirectory } from "../directory/watch-directory.ts";
import { Histories } from "./history/histories.ts";
import { openEngineDatabase } from "./engine-database.ts";
import { EndNews } from "./end-news.ts";
import { engineCleanup } from "./engine-cleanup.ts";
import { engineRunner } from "./running/engine-runner.ts";
import { Hedging } from "./running/hedging.ts";
import { steering } from "./steering.ts";
import type { Steering } from "./steering.ts";
import { JobThreads } from "./running/job-threads.ts";
import { withBackpressure } from "./pumping/backpressure.ts";
import type { BackpressureQueue } from "./pumping/backpressure.ts";
import { Pump } from "./pumping/pump.ts";
import { createLocalStore } from "../store/store.ts";
import type { LocalStore } from "../store/store.ts";
import { newTag } from "./running/new-tag.ts";
import type { DescribedJob } from "../../job/describe-job.ts";
import type { EngineOptions } from "./engine.ts";

const systemClock: Clock = { now: Date.now };

/** What the parts ask of the engine that they belong to. */
export interface EngineDoor {
  /** Notes what a job file says of its job. */
  readonly learnt: (file: string, job: DescribedJob) => Promise<unknown>;
  readonly carryOut: (request: OwnerRequest) => Promise<void>;
}

/** All parts of a running engine, as they know each other. */
export class EngineParts {
  readonly ledger: Ledger;
  readonly queue: Queue;
  readonly cleanup: Cleanup;
  readonly commits: Commits;
  readonly options: EngineOptions;
  readonly database: Database;
  readonly store: LocalStore;
  readonly backpressure: BackpressureQueue;
  readonly ports: Ports;
  readonly pump: Pump;
  readonly lock: Lock;
  readonly threads: JobThreads;
  readonly batches = new ActiveBatches();
  readonly #limits = batchLimits(() => this.ports);
  readonly #ends: BatchEnds;
  readonly #work: BundleWork;
  readonly owned: OwnedBatches;
  readonly hedging: Hedging;
  readonly steering: Steering;
  readonly news: EndNews;
  readonly histories: Histories;
  readonly #turns = new BatchTurns((batch) => this.batches.find(batch)?.settings.priority ?? 0);
  readonly stopWatching: () => Promise<void>;
  /** From the beginning of its end on. */
  isStopped = false;

  constructor(options: EngineOptions, lock: Lock, { learnt, carryOut }: EngineDoor) {
    this.options = options;
    this.lock = lock;
    const { directory, concurrency, dryRun, objects, onLog, tracer } = options;
    const started = Date.now().toString(36);
    this.store = createLocalStore({ directory, segmentName: `${started}-main` });
    this.threads = new JobThreads({
      directory,
      count: concurrency,
      dryRun,
      started,
      limits: this.#limits,
      isTail: () => this.pump.isTail,
      onLog: ({ level, message, fields }) => onLog?.({ level, message, fields }),
    });
    this.database = openEngineDatabase({
      ...options,
      clock: systemClock,
      sync: () => this.threads.sync(this.store.touched()),
      onFailure: (error) => this.batches.fail(error),
    });
    this.histories = new Histories({
      directory,
      threads: () => this.threads,
      warn: (error) => this.#warn(error),
    });
    const { ledger, queue } = this.database;
    this.commits = this.database.commits;
    this.ledger = ledger;
    this.queue = queue;
    this.#work = new BundleWork({
      ports: () => this.ports,
      runner: this.#runner,
      queue,
      batches: this.batches,
      threads: this.threads,
      histories: this.histories,
      hedging: () => this.hedging,
      turns: this.#turns,
      ends: () => this.#ends,
    });
    this.backpressure = withBackpressure(queue, (batch) => this.#work.hasEnough(batch));
    const store = this.store;
    this.ports = { ledger, queue: this.backpressure, store, clock: systemClock, newTag, objects, tracer };
    this.pump = new Pump({
      queue,
      threads: () => this.threads.most,
      turns: this.#turns,
      bundlesPerThread: (batch) => this.#work.bundlesPerThread(batch),
      suspect: (message) => this.batches.isSuspect(message),
      coordinator: (message) => this.#coordinate(message),
      worker: (bundle, events) => this.#work.run(bundle, events),
      join: (message) => this.#untilEnd(batchOf(message), () => join(this.ports, this.#runner, message)),
      deadLetter: (message) =>
        this.#untilEnd(batchOf(message), () => deadLetter(this.ports, { message, receives: MAX_RECEIVES })),
      onRoom: () => this.backpressure.release(),
      onRetry: (error) => this.#warn(error),
      onFailure: (error) => this.batches.fail(error),
    });
    const parts = {
      ports: this.ports,
      database: this.database,
      batches: this.batches,
      threads: this.threads,
      warn: (error: unknown) => this.#warn(error),
    };
    this.cleanup = engineCleanup({
      ...parts,
      options,
      store,
    });
    this.steering = steering({
      ...parts,
      turns: this.#turns,
      limits: this.#limits,
      onChange: () => this.pump.wake(),
    });
    this.news = new EndNews({ ports: () => this.ports, committed: () => this.database.committed(), onLog });
    this.hedging = new Hedging({
      ...parts,
      isTail: () => this.pump.isTail,
    });
    this.#ends = new BatchEnds({
      ...parts,
      onEnd: (batch, fields) => this.#leave(batch, fields),
      directory,
      pump: this.pump,
      backpressure: this.backpressure,
      cleanup: this.cleanup,
    });
    const { chaos, isTrial = false } = options;
    this.owned = new OwnedBatches({
      ...parts,
      store,
      histories: this.histories,
      ends: this.#ends,
      steering: this.steering,
      owner: lock.owner,
      tells: chaos === undefined && dryRun !== true && !isTrial,
      onJob: learnt,
    });
    this.stopWatching = watchDirectory({
      directory,
      ledger,
      clock: systemClock,
      batches: () => this.batches.unended(),
      hasWorked: () => this.batches.ids().length > 0,
      // A request that makes no sense is logged, and does not fail the engine.
      carryOut: (request) => carryOut(request).catch((error: unknown) => this.#warn(error)),
      sweep: (batch) => this.#ends.sweep(batch),
      onFailure: (error) => this.batches.fail(error),
    });
  }

  /**
   * A submission is durable before any of its items runs: an item may end the process, and the batch has to
   * be known then.
   */
  async #coordinate(message: PlanMessage): Promise<void> {
    await this.database.committed();
    await coordinator(this.ports, this.#runner, message);
  }

  #leave(batch: string, fields: Fields): void {
    this.steering.fit(batch);
    const totals = generationOf(fields) === 0 ? committedTotals(fields) : null;
    this.histories.close(batch, Number(fields["endedAt"]), totals);
    this.news.begin(batch, fields);
  }

  readonly #runner = engineRunner({
    threads: () => this.threads,
    ledger: () => this.ledger,
    isWanted: (batch) => !this.isStopped && !this.batches.isInterrupted(batch),
    specOf: (batch) => this.batches.get(batch).spec,
    chaos: () => this.options.chaos,
    recorderOf: (batch) => this.histories.find(batch),
  });

  /** Runs a step that may end the batch. */
  async #untilEnd(batch: string, step: () => Promise<unknown>): Promise<void> {
    await this.batches.join(batch, step);
    await this.#ends.closeIfEnded(batch);
  }

  #warn(error: unknown): void {
    this.options.onLog?.({ level: "warn", message: `${reasonOf(error)}; trying again`, fields: null });
  }
}
