/** The embedded engine: pumps messages through the steps on one machine, durably. */
import { hasEnded } from "../../core/records/batch/batch.ts";
import type { Fields } from "../../core/records/record.ts";
import type { Settings } from "../../core/records/batch/settings.ts";
import type { Json } from "../../core/json/json.ts";
import type { Totals } from "../../core/records/totals.ts";
import type { Ledger, Queue } from "../../ports.ts";
import type { BatchPace } from "../../batch/summary/pace.ts";
import { readBatch } from "../../batch/spec.ts";
import type { BatchSpec } from "../../batch/spec.ts";
import type { RedriveFilter } from "../../core/failures/redrive-filter.ts";
import { storeInput } from "../../batch/job-input.ts";
import type { StoredInput } from "../../batch/job-input.ts";
import type { Commits } from "../sqlite/commits.ts";
import type { Lock } from "../directory/lock.ts";
import type { Cleanup } from "../directory/cleanup.ts";
import type { OwnerRequest } from "../directory/directory.ts";
import type { SeenNow } from "./history/histories.ts";
import type { LeftNews } from "./end-news.ts";
import type { Progress } from "../../batch/summary/progress.ts";
import { codeHash } from "../../code-hash.ts";
import type { DescribedJob } from "../../job/describe-job.ts";
import type { Engine, EngineOptions, JobDescription } from "./engine.ts";
import { EngineParts } from "./engine-parts.ts";

export class EmbeddedEngine implements Engine {
  readonly ledger: Ledger;
  readonly queue: Queue;
  readonly cleanup: Cleanup;
  readonly commits: Commits;
  readonly #parts: EngineParts;
  #stopped: Promise<void> | null = null;

  constructor(options: EngineOptions, lock: Lock) {
    this.#parts = new EngineParts(options, lock, {
      learnt: (file, job) => this.#learnt(file, job),
      carryOut: (request) => this.#carryOut(request),
    });
    const { ledger, queue, cleanup, commits } = this.#parts;
    this.ledger = ledger;
    this.queue = queue;
    this.cleanup = cleanup;
    this.commits = commits;
  }

  async load(file: string, params: Json = null, { onDemand = false } = {}): Promise<JobDescription> {
    return this.#learnt(file, await this.#parts.threads.load(file, params, onDemand));
  }

  async describe(file: string, params?: Json): Promise<JobDescription> {
    return this.#learnt(file, await this.#parts.threads.describe(file, params));
  }

  async #learnt(file: string, job: DescribedJob): Promise<JobDescription> {
    await this.#parts.news.learn(file, job.onEnd ?? null);
    return { file, code: codeHash(file), ...job };
  }

  async reload(file: string): Promise<boolean> {
    for (const batch of this.#parts.batches.idsOfJob(file)) {
      const fields = await readBatch(this.ledger, batch);
      if (fields && !hasEnded(fields)) return false;
    }
    await this.#parts.threads.forget(file);
    return true;
  }

  storeInput(batch: string, text: string): Promise<StoredInput> {
    return storeInput(this.#parts.ports, batch, text);
  }

  submit(spec: BatchSpec): Promise<void> {
    return this.#parts.owned.submit(spec);
  }

  async resume(batch: string): Promise<boolean> {
    await this.takeUp(batch);
    return this.#parts.steering.resume(batch);
  }

  takeUp(batch: string): Promise<void> {
    return this.#parts.owned.takeUp(batch);
  }

  async #carryOut({ kind, batch, settings = {} }: OwnerRequest): Promise<void> {
    if (kind === "set") await this.set(batch, settings);
    else await this[kind](batch);
  }

  set(batch: string, settings: Settings): Promise<void> {
    return this.#parts.steering.set(batch, settings);
  }

  pause(batch: string): Promise<boolean> {
    return this.#parts.steering.pause(batch);
  }

  redrive(batch: string, filter: RedriveFilter | null): Promise<boolean> {
    return this.#parts.owned.redrive(batch, filter);
  }

  cancel(batch: string): Promise<boolean> {
    return this.#parts.owned.cancel(batch);
  }

  isWorkedOn(batch: string): boolean {
    return this.#parts.batches.find(batch) !== undefined;
  }

  hold(batch: string): () => void {
    return this.cleanup.hold(batch);
  }

  pace(batch: string): BatchPace | null {
    return this.#parts.histories.pace(batch);
  }

  seen(batch: string): SeenNow | null {
    return this.#parts.histories.seen(batch);
  }

  async remove(batch: string): Promise<void> {
    await this.cleanup.remove(batch);
    this.#parts.histories.forget(batch);
    this.#parts.batches.forget(batch);
  }

  finished(batch: string): Promise<Fields> {
    return this.#parts.batches.get(batch).ended.promise;
  }

  progress(batch: string): Progress & { readonly totals: Totals } {
    return this.#parts.batches.progress(batch);
  }

  committed(): Promise<void> {
    return this.#parts.database.committed();
  }

  async told(forMs: number): Promise<readonly LeftNews[]> {
    return this.#parts.batches.unended().length > 0 ? [] : this.#parts.news.over(Date.now() + forMs);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    this.#parts.isStopped = true;
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.cleanup.stop();
    await this.#parts.news.stop();
    this.#parts.histories.stop();
    this.#parts.hedging.stop();
    await this.#parts.stopWatching().catch(() => undefined);
    this.#parts.threads.interrupt();
    this.#parts.backpressure.stop();
    await this.#parts.pump.stop();
    await this.#parts.threads.close();
    try {
      await this.#parts.database.close();
    } finally {
      this.#parts.store.close();
      this.#parts.lock.release();
      await this.#parts.options.tracer?.flush();
    }
  }
}
