/** The embedded engine: pumps messages through the steps on one machine, durably. */
import { MAX_RECEIVES, batchOf } from "../../core/records/message.ts";
import { generationOf, hasEnded, isEnding } from "../../core/records/batch/batch.ts";
import { ownBatch } from "../../core/records/batch/owner.ts";
import { reasonOf } from "../../core/errors/errors.ts";
import type { PlanMessage } from "../../core/records/message.ts";
import type { Fields } from "../../core/records/record.ts";
import type { Settings } from "../../core/records/batch/settings.ts";
import type { Json } from "../../core/json/json.ts";
import type { Totals } from "../../core/records/tree.ts";
import type { Clock, Ledger, Ports, Queue } from "../../ports.ts";
import type { BatchPace } from "../../batch/summary/pace.ts";
import { parseSpec, readBatch, readSpec } from "../../batch/spec.ts";
import type { BatchSpec } from "../../batch/spec.ts";
import type { RedriveFilter } from "../../core/failures/redrive-filter.ts";
import { coordinator } from "../../steps/coordinator.ts";
import { deadLetter } from "../../steps/dead-letter.ts";
import { join } from "../../steps/join.ts";
import { storeInput } from "../../batch/job-input.ts";
import { measured } from "../../batch/measured-input.ts";
import type { StoredInput } from "../../batch/job-input.ts";
import { redrive } from "../../batch/steering/redrive.ts";
import { cancel, submit } from "../../batch/submit.ts";
import { recover } from "../../steps/recovering/recover.ts";
import { comesAgain } from "../../steps/delivery.ts";
import { worker } from "../../steps/worker.ts";
import { ActiveBatches } from "./active-batches.ts";
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
import type { SeenNow } from "./history/histories.ts";
import { openEngineDatabase } from "./engine-database.ts";
import { EndNews } from "./end-news.ts";
import type { LeftNews } from "./end-news.ts";
import { engineCleanup } from "./engine-cleanup.ts";
import { engineRunner } from "./running/engine-runner.ts";
import { Hedging } from "./running/hedging.ts";
import { steering } from "./steering.ts";
import type { Steering } from "./steering.ts";
import { checkInput } from "../directory/check-input.ts";
import { checkMessages } from "../directory/check-messages.ts";
import { JobThreads } from "./running/job-threads.ts";
import { withBackpressure } from "./pumping/backpressure.ts";
import type { BackpressureQueue } from "./pumping/backpressure.ts";
import { suspiciousKeys } from "../threads/watching/process-deaths.ts";
import { Pump } from "./pumping/pump.ts";
import type { BundleEvents, QueuedChunk } from "./pumping/pump.ts";
import { createLocalStore } from "../store/store.ts";
import type { LocalStore } from "../store/store.ts";
import { newTag } from "./running/new-tag.ts";
import type { Progress } from "../../batch/summary/progress.ts";
import { codeHash } from "../../code-hash.ts";
import type { DescribedJob } from "../../job/describe-job.ts";
import type { Engine, EngineOptions, JobDescription } from "./engine.ts";

/** Bundles per thread that wait in the queue before a planner has to wait. */
const BUNDLES_AHEAD = 4;

/** Beside a chunk of this time, the time between two chunks is nothing. */
const LONG_MS = 200;

const systemClock: Clock = { now: Date.now };

export class EmbeddedEngine implements Engine {
  readonly ledger: Ledger;
  readonly queue: Queue;
  readonly cleanup: Cleanup;
  readonly commits: Commits;
  readonly #options: EngineOptions;
  readonly #database: Database;
  readonly #store: LocalStore;
  readonly #backpressure: BackpressureQueue;
  readonly #ports: Ports;
  readonly #pump: Pump;
  readonly #lock: Lock;
  readonly #threads: JobThreads;
  readonly #batches = new ActiveBatches();
  readonly #limits = batchLimits(() => this.#ports);
  readonly #ends: BatchEnds;
  readonly #hedging: Hedging;
  readonly #steering: Steering;
  readonly #news: EndNews;
  readonly #histories: Histories;
  readonly #turns = new BatchTurns((batch) => this.#batches.find(batch)?.settings.priority ?? 0);
  readonly #stopWatching: () => Promise<void>;
  #stopped: Promise<void> | null = null;

  constructor(options: EngineOptions, lock: Lock) {
    this.#options = options;
    this.#lock = lock;
    const { directory, concurrency, dryRun, objects, onLog, tracer } = options;
    const started = Date.now().toString(36);
    this.#store = createLocalStore({ directory, segmentName: `${started}-main` });
    this.#threads = new JobThreads({
      directory,
      count: concurrency,
      dryRun,
      started,
      limits: this.#limits,
      isTail: () => this.#pump.isTail,
      onLog: ({ level, message, fields }) => onLog?.({ level, message, fields }),
    });
    this.#database = openEngineDatabase({
      ...options,
      clock: systemClock,
      sync: () => this.#threads.sync(this.#store.touched()),
      onFailure: (error) => this.#batches.fail(error),
    });
    this.#histories = new Histories({
      directory,
      threads: () => this.#threads,
      warn: (error) => this.#warn(error),
    });
    const { ledger, queue } = this.#database;
    this.commits = this.#database.commits;
    this.ledger = ledger;
    this.queue = queue;
    this.#backpressure = withBackpressure(queue, (batch) => this.#hasEnough(batch));
    const store = this.#store;
    this.#ports = { ledger, queue: this.#backpressure, store, clock: systemClock, newTag, objects, tracer };
    this.#pump = new Pump({
      queue,
      threads: () => this.#threads.most,
      turns: this.#turns,
      bundlesPerThread: (batch) => this.#bundlesPerThread(batch),
      suspect: (message) => this.#batches.isSuspect(message),
      coordinator: (message) => this.#coordinate(message),
      worker: (bundle, events) => this.#work(bundle, events),
      join: (message) => this.#untilEnd(batchOf(message), () => join(this.#ports, this.#runner, message)),
      deadLetter: (message) =>
        this.#untilEnd(batchOf(message), () => deadLetter(this.#ports, { message, receives: MAX_RECEIVES })),
      onRoom: () => this.#backpressure.release(),
      onRetry: (error) => this.#warn(error),
      onFailure: (error) => this.#batches.fail(error),
    });
    this.cleanup = engineCleanup({
      options,
      database: this.#database,
      store: this.#store,
      threads: this.#threads,
      warn: (error) => this.#warn(error),
    });
    this.#steering = steering({
      ports: this.#ports,
      database: this.#database,
      batches: this.#batches,
      threads: this.#threads,
      turns: this.#turns,
      limits: this.#limits,
      onChange: () => this.#pump.wake(),
    });
    this.#news = new EndNews({ ports: () => this.#ports, committed: () => this.committed(), onLog });
    this.#hedging = new Hedging({
      ports: this.#ports,
      batches: this.#batches,
      threads: this.#threads,
      isTail: () => this.#pump.isTail,
      warn: (error) => this.#warn(error),
    });
    this.#ends = new BatchEnds({
      onEnd: (batch, fields) => this.#leave(batch, fields),
      directory,
      ports: this.#ports,
      database: this.#database,
      batches: this.#batches,
      threads: this.#threads,
      pump: this.#pump,
      backpressure: this.#backpressure,
      cleanup: this.cleanup,
      warn: (error) => this.#warn(error),
    });
    this.#stopWatching = watchDirectory({
      directory,
      ledger,
      clock: systemClock,
      batches: () => this.#batches.unended(),
      hasWorked: () => this.#batches.ids().length > 0,
      // A request that makes no sense is logged, and does not fail the engine.
      carryOut: (request) => this.#carryOut(request).catch((error: unknown) => this.#warn(error)),
      sweep: (batch) => this.#ends.sweep(batch),
      onFailure: (error) => this.#batches.fail(error),
    });
  }

  async load(file: string, params: Json = null): Promise<JobDescription> {
    return this.#learnt(file, await this.#threads.load(file, params));
  }

  async describe(file: string, params?: Json): Promise<JobDescription> {
    return this.#learnt(file, await this.#threads.describe(file, params));
  }

  async #learnt(file: string, job: DescribedJob): Promise<JobDescription> {
    await this.#news.learn(file, job.onEnd ?? null);
    return { file, code: codeHash(file), ...job };
  }

  async reload(file: string): Promise<boolean> {
    for (const batch of this.#batches.idsOfJob(file)) {
      const fields = await readBatch(this.ledger, batch);
      if (fields && !hasEnded(fields)) return false;
    }
    await this.#threads.forget(file);
    return true;
  }

  storeInput(batch: string, text: string): Promise<StoredInput> {
    return storeInput(this.#ports, batch, text);
  }

  /**
   * A submission is durable before any of its items runs: an item may end the process, and the batch has to
   * be known then.
   */
  async #coordinate(message: PlanMessage): Promise<void> {
    await this.#database.committed();
    await coordinator(this.#ports, this.#runner, message);
  }

  #leave(batch: string, fields: Fields): void {
    this.#steering.fit(batch);
    this.#histories.close(batch, Number(fields["endedAt"]));
    this.#news.begin(batch, fields);
  }

  async submit({ tells, ...submitted }: BatchSpec): Promise<void> {
    // A batch that is only tried is no news.
    const { chaos, dryRun = false, isTrial = false } = this.#options;
    const isReal = chaos === undefined && !dryRun && !isTrial;
    const told = { ...submitted, ...(tells && isReal ? { tells } : {}) };
    const spec = await measured(told, this.#store);
    this.#batches.open(spec);
    this.#histories.open(spec, 0, { goesOn: false });
    await submit(this.#ports, spec);
    await this.#own(spec.batch);
    await this.#database.committed();
    await this.#ends.closeIfEnded(spec.batch);
  }

  async resume(batch: string): Promise<boolean> {
    await this.takeUp(batch);
    return this.#steering.resume(batch);
  }

  async takeUp(batch: string): Promise<void> {
    const fields = await readBatch(this.ledger, batch);
    const spec = parseSpec(batch, fields);
    const ended = fields !== null && hasEnded(fields);
    // A batch that is to end reads no input any more.
    if (fields && !ended && !isEnding(fields)) await checkInput(this.#store, spec);
    const job = ended ? null : await this.#threads.loadJobOf(spec);
    if (job && spec.jobFile !== null) await this.#learnt(spec.jobFile, job);
    await this.#adopt(batch);
  }

  async #carryOut({ kind, batch, settings = {} }: OwnerRequest): Promise<void> {
    if (kind === "set") await this.set(batch, settings);
    else await this[kind](batch);
  }

  set(batch: string, settings: Settings): Promise<void> {
    return this.#steering.set(batch, settings);
  }

  pause(batch: string): Promise<boolean> {
    return this.#steering.pause(batch);
  }

  async redrive(batch: string, filter: RedriveFilter | null): Promise<boolean> {
    const spec = await readSpec(this.ledger, batch);
    await checkInput(this.#store, spec);
    if (!(await redrive(this.#ports, batch, filter))) return false;
    this.#batches.forget(batch);
    const fields = await this.#batches.restore(this.ledger, batch);
    if (fields) this.#histories.open(parseSpec(batch, fields), generationOf(fields), { goesOn: false });
    await this.#own(batch);
    await this.#database.committed();
    await this.#ends.closeIfEnded(batch);
    return true;
  }

  async cancel(batch: string): Promise<boolean> {
    const applied = await cancel(this.#ports, batch);
    // Its input is not read any more, and may have changed.
    await this.#adopt(batch);
    await this.#ends.notice(batch);
    await this.#database.committed();
    return applied;
  }

  /**
   * Takes over a batch that was left from an earlier start. That process may have died before it told the
   * coordinator that the batch is to end.
   */
  async #adopt(batch: string): Promise<void> {
    const fields = this.#batches.find(batch) ? null : await this.#batches.restore(this.ledger, batch);
    if (!fields) return;
    if (hasEnded(fields)) return this.#ends.close(batch, fields);
    this.#histories.open(parseSpec(batch, fields), generationOf(fields), { goesOn: true });
    await this.#own(batch);
    this.#batches.suspect(await suspiciousKeys(this.ledger, batch));
    await checkMessages(this.ledger, batch, this.#database.queue.dormant(batch));
    this.#database.queue.activate(batch);
    this.#steering.fit(batch);
    if (isEnding(fields)) await recover(this.#ports, batch);
  }

  /** Part of the commit that begins or continues the batch: it costs none of its own. */
  async #own(batch: string): Promise<void> {
    await this.ledger.update(ownBatch(batch, this.#lock.owner));
  }

  isWorkedOn(batch: string): boolean {
    return this.#batches.find(batch) !== undefined;
  }

  hold(batch: string): () => void {
    return this.cleanup.hold(batch);
  }

  pace(batch: string): BatchPace | null {
    return this.#histories.pace(batch);
  }

  seen(batch: string): SeenNow | null {
    return this.#histories.seen(batch);
  }

  async remove(batch: string): Promise<void> {
    await this.cleanup.remove(batch);
    this.#histories.forget(batch);
    this.#batches.forget(batch);
  }

  finished(batch: string): Promise<Fields> {
    return this.#batches.get(batch).ended.promise;
  }

  progress(batch: string): Progress & { readonly totals: Totals } {
    return this.#batches.progress(batch);
  }

  committed(): Promise<void> {
    return this.#database.committed();
  }

  async told(forMs: number): Promise<readonly LeftNews[]> {
    return this.#batches.unended().length > 0 ? [] : this.#news.over(Date.now() + forMs);
  }

  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  async #stop(): Promise<void> {
    this.cleanup.stop();
    await this.#news.stop();
    this.#histories.stop();
    this.#hedging.stop();
    await this.#stopWatching().catch(() => undefined);
    this.#threads.interrupt();
    this.#backpressure.stop();
    await this.#pump.stop();
    await this.#threads.close();
    try {
      await this.#database.close();
    } finally {
      this.#store.close();
      this.#lock.release();
      await this.#options.tracer?.flush();
    }
  }

  #hasEnough(batch: string): boolean {
    if (this.#batches.isInterrupted(batch)) return false;
    const enough = this.#turns.sizeOf(batch).chunks * this.#threads.most * BUNDLES_AHEAD;
    return this.#database.queue.waitingOf(batch) >= enough;
  }

  /**
   * While a thread settles a short bundle, it runs another one. It does not wait with a long chunk whose
   * items run one by one: a batch that comes meanwhile would have to wait for both.
   */
  #bundlesPerThread(batch: string): number {
    const { concurrency = 1 } = this.#batches.find(batch)?.spec ?? {};
    const { msPerChunk } = this.#turns.sizeOf(batch);
    return concurrency === 1 && msPerChunk !== null && msPerChunk > LONG_MS ? 1 : 2;
  }

  readonly #runner = engineRunner({
    threads: () => this.#threads,
    ledger: () => this.ledger,
    isWanted: (batch) => !this.#stopped && !this.#batches.isInterrupted(batch),
    specOf: (batch) => this.#batches.get(batch).spec,
    chaos: () => this.#options.chaos,
    recorderOf: (batch) => this.#histories.find(batch),
  });

  async #work(bundle: readonly QueuedChunk[], events: BundleEvents): Promise<readonly QueuedChunk[]> {
    for (const { message } of bundle) this.#batches.noteSource(message);
    this.#hedging.begin(bundle);
    try {
      return await this.#run(bundle, events);
    } finally {
      await this.#hedging.end(bundle);
    }
  }

  async #run(
    bundle: readonly QueuedChunk[],
    { onDraining, onDone }: BundleEvents,
  ): Promise<readonly QueuedChunk[]> {
    for (const { message, receives } of bundle) {
      this.#batches.noteSource(message);
      if (receives > 1) this.#histories.find(message.batch)?.noteAttempt(message, receives);
    }
    const { unfinished, settled } = await worker(this.#ports, this.#runner, bundle, {
      onDraining,
      onSettled: async (batch, totals, done) => {
        this.#turns.learn(batch, totals);
        this.#batches.addSettled(batch, totals);
        this.#histories.find(batch)?.count(totals, Date.now());
        onDone(done);
        await this.#hedging.end(done);
        // The worker may have ended the batch: too many items failed, or it has enough.
        const mayEnd = totals.failed > 0 || this.#batches.get(batch).spec.enough;
        if (mayEnd) await this.#ends.notice(batch);
      },
    });
    // Or the input has changed.
    if (unfinished.length > 0) for (const batch of settled.keys()) await this.#ends.notice(batch);
    return unfinished.filter(comesAgain);
  }

  /** Runs a step that may end the batch. */
  async #untilEnd(batch: string, step: () => Promise<unknown>): Promise<void> {
    await this.#batches.join(batch, step);
    await this.#ends.closeIfEnded(batch);
  }

  #warn(error: unknown): void {
    this.#options.onLog?.({ level: "warn", message: `${reasonOf(error)}; trying again`, fields: null });
  }
}
