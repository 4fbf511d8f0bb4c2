/**
 * Brings the batches of an engine to their end: notices that one is to end, and closes those that have ended.
 */
import { hasEnded, isEnding } from "../../core/records/batch/batch.ts";
import type { Fields } from "../../core/records/record.ts";
import type { Ports } from "../../ports.ts";
import { readBatch } from "../../batch/spec.ts";
import { recover } from "../../steps/recovering/recover.ts";
import { sweepBatch } from "../../steps/sweeper.ts";
import type { Cleanup } from "../directory/cleanup.ts";
import { publish } from "../directory/files/publish.ts";
import type { Database } from "../sqlite/database.ts";
import type { ActiveBatches } from "./active-batches.ts";
import type { BackpressureQueue } from "./pumping/backpressure.ts";
import type { JobThreads } from "./running/job-threads.ts";
import type { Pump } from "./pumping/pump.ts";

export interface BatchEndsContext {
  readonly directory: string;
  readonly ports: Ports;
  readonly database: Database;
  readonly batches: ActiveBatches;
  readonly threads: JobThreads;
  readonly pump: Pump;
  readonly backpressure: BackpressureQueue;
  readonly cleanup: Cleanup;
  /** A batch has ended. */
  readonly onEnd: (batch: string, fields: Fields) => void;
  /** Something went wrong that costs nobody anything but room. */
  readonly warn: (error: unknown) => void;
}

export class BatchEnds {
  readonly #context: BatchEndsContext;

  constructor(context: BatchEndsContext) {
    this.#context = context;
  }

  /** Interrupts the work of a batch that is to end. */
  async notice(batch: string): Promise<void> {
    const { batches, database, threads, backpressure, pump } = this.#context;
    const active = batches.find(batch);
    const fields = await readBatch(database.ledger, batch);
    if (!active || active.interrupted || !fields || !isEnding(fields)) return;
    active.interrupted = true;
    threads.interrupt(active.spec);
    backpressure.release();
    pump.wake();
  }

  async closeIfEnded(batch: string): Promise<void> {
    const { database, pump } = this.#context;
    const fields = await readBatch(database.ledger, batch);
    if (fields && hasEnded(fields)) pump.track(this.close(batch, fields));
  }

  /** Publishes the files of an ended batch, once its end is committed and nothing is written any more. */
  async close(batch: string, fields: Fields): Promise<void> {
    const { directory, batches, database, threads, cleanup, onEnd, warn } = this.#context;
    const active = batches.find(batch);
    try {
      database.queue.remove(batch);
      void threads.dismissPlanner(batch);
      cleanup.omit(batch, fields);
      await database.committed();
      await batches.joined(batch);
      publish(directory, batch, fields);
      if (active) active.over = true;
      onEnd(batch, fields);
      active?.ended.resolve(fields);
    } catch (error) {
      if (active) active.over = true;
      active?.ended.reject(error);
      return;
    }
    await cleanup.trim(batch, fields).catch(warn);
  }

  /** Ends a batch whose deadline has passed, and recovers one for which no message is left. */
  async sweep(batch: string): Promise<void> {
    const { ports, database } = this.#context;
    const fields = await readBatch(database.ledger, batch);
    if (!fields || hasEnded(fields)) return;
    if (database.queue.isEmpty()) await recover(ports, batch);
    if (!isEnding(fields) && (await sweepBatch(ports, batch, fields))) await this.notice(batch);
  }
}
