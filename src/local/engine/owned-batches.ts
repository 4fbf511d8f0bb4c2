/** The batches that an engine owns: begun by it, or taken over from an earlier process. */
import { generationOf, hasEnded, isEnding } from "../../core/records/batch/batch.ts";
import { ownBatch } from "../../core/records/batch/owner.ts";
import type { RedriveFilter } from "../../core/failures/redrive-filter.ts";
import { measured } from "../../batch/measured-input.ts";
import { parseSpec, readBatch, readSpec, unknownBatch } from "../../batch/spec.ts";
import type { BatchSpec } from "../../batch/spec.ts";
import { redrive } from "../../batch/steering/redrive.ts";
import { cancel, submitMeasured } from "../../batch/submit.ts";
import type { DescribedJob } from "../../job/describe-job.ts";
import type { Ports } from "../../ports.ts";
import { recover } from "../../steps/recovering/recover.ts";
import { checkInput } from "../directory/check-input.ts";
import { checkMessages } from "../directory/check-messages.ts";
import type { Database } from "../sqlite/database.ts";
import type { LocalStore } from "../store/store.ts";
import { suspiciousKeys } from "../threads/watching/process-deaths.ts";
import type { ActiveBatches } from "./active-batches.ts";
import type { BatchEnds } from "./batch-ends.ts";
import type { Histories } from "./history/histories.ts";
import type { JobThreads } from "./running/job-threads.ts";
import type { Steering } from "./steering.ts";

export interface OwnedBatchesContext {
  readonly ports: Ports;
  readonly store: LocalStore;
  readonly database: Database;
  readonly batches: ActiveBatches;
  readonly threads: JobThreads;
  readonly histories: Histories;
  readonly ends: BatchEnds;
  readonly steering: Steering;
  /** The owner of the directory. */
  readonly owner: string;
  /** Whether the ends of batches are news: one that is only tried is none. */
  readonly tells: boolean;
  /** A job file was loaded. */
  readonly onJob: (file: string, job: DescribedJob) => Promise<unknown>;
}

export class OwnedBatches {
  readonly #context: OwnedBatchesContext;

  constructor(context: OwnedBatchesContext) {
    this.#context = context;
  }

  async submit({ tells, ...submitted }: BatchSpec): Promise<void> {
    const { ports, store, batches, histories } = this.#context;
    const told = { ...submitted, ...(tells && this.#context.tells ? { tells } : {}) };
    const spec = await measured(told, store);
    batches.open(spec);
    histories.open(spec, 0, { goesOn: false });
    await submitMeasured(ports, spec);
    await this.#begin(spec.batch);
  }

  async redrive(batch: string, filter: RedriveFilter | null): Promise<boolean> {
    const { ports, store, batches, histories } = this.#context;
    const spec = await readSpec(ports.ledger, batch);
    await checkInput(store, spec);
    if (!(await redrive(ports, batch, filter))) return false;
    batches.forget(batch);
    const fields = await batches.restore(ports.ledger, batch);
    if (fields) histories.open(parseSpec(batch, fields), generationOf(fields), { goesOn: false });
    await this.#begin(batch);
    return true;
  }

  async #begin(batch: string): Promise<void> {
    const { database, ends } = this.#context;
    await this.#own(batch);
    await database.committed();
    await ends.closeIfEnded(batch);
  }

  /** Loads the job of a batch that was left, and goes on with it. */
  async takeUp(batch: string): Promise<void> {
    const { ports, store, threads, onJob } = this.#context;
    const fields = await readBatch(ports.ledger, batch);
    if (!fields) throw unknownBatch(batch);
    const spec = parseSpec(batch, fields);
    const ended = hasEnded(fields);
    // A batch that is to end reads no input any more.
    if (!ended && !isEnding(fields)) await checkInput(store, spec);
    const job = ended ? null : await threads.loadJobOf(spec);
    if (job && spec.jobFile !== null) await onJob(spec.jobFile, job);
    await this.#adopt(batch);
  }

  async cancel(batch: string): Promise<boolean> {
    const { ports, database, ends } = this.#context;
    const applied = await cancel(ports, batch);
    // Its input is not read any more, and may have changed.
    await this.#adopt(batch);
    await ends.notice(batch);
    await database.committed();
    return applied;
  }

  /**
   * Takes over a batch that was left from an earlier start. That process may have died before it told the
   * coordinator that the batch is to end.
   */
  async #adopt(batch: string): Promise<void> {
    const { ports, database, batches, histories, ends, steering } = this.#context;
    const { ledger } = ports;
    const fields = batches.find(batch) ? null : await batches.restore(ledger, batch);
    if (!fields) return;
    if (hasEnded(fields)) return ends.close(batch, fields);
    histories.open(parseSpec(batch, fields), generationOf(fields), { goesOn: true });
    await this.#own(batch);
    batches.suspect(await suspiciousKeys(ledger, batch));
    await checkMessages(ledger, batch, database.queue.dormant(batch));
    database.queue.activate(batch);
    steering.fit(batch);
    if (isEnding(fields)) await recover(ports, batch);
  }

  /** Part of the commit that begins or continues the batch: it costs none of its own. */
  async #own(batch: string): Promise<void> {
    await this.#context.ports.ledger.update(ownBatch(batch, this.#context.owner));
  }
}
