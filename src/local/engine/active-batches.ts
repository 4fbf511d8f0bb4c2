/** The batches that an engine works on, and the engine's own knowledge of them beside the ledger. */
import { FanjoinError } from "../../core/errors/errors.ts";
import { hasEnded } from "../../core/records/batch/batch.ts";
import { isPaused } from "../../core/records/batch/pausing.ts";
import { settingsOf } from "../../core/records/batch/settings.ts";
import type { Settings } from "../../core/records/batch/settings.ts";
import { journalKey } from "../../core/records/attempts/crash-journal.ts";
import type { ChunkMessage } from "../../core/records/message.ts";
import type { Fields } from "../../core/records/record.ts";
import { NO_TOTALS, addTotals } from "../../core/records/totals.ts";
import type { Totals } from "../../core/records/totals.ts";
import type { Progress } from "../../batch/summary/progress.ts";
import { failedBefore, readTotals } from "../../batch/summary/progress.ts";
import { sizeOf } from "../../batch/sources.ts";
import { parseSpec, readBatch } from "../../batch/spec.ts";
import type { BatchSpec } from "../../batch/spec.ts";
import type { Ledger } from "../../ports.ts";

export interface ActiveBatch {
  readonly spec: BatchSpec;
  totals: Totals;
  /** False once a chunk was read from a spool: then the sizes of sources are not those of their text. */
  measured: boolean;
  /** Failed items before the redrive; `null` if the batch is not redriven. */
  failedBefore: number | null;
  /** The batch is to end: its work is no longer wanted. */
  interrupted: boolean;
  paused: boolean;
  settings: Settings;
  /** The joins under way. More than one may take the root's step. */
  readonly joins: Set<Promise<void>>;
  readonly ended: PromiseWithResolvers<Fields>;
  /** Its end has been told, or cannot be. */
  over: boolean;
}

export class ActiveBatches {
  readonly #batches = new Map<string, ActiveBatch>();
  /** Journal keys of chunks under which a process died in an earlier start. */
  readonly #suspects = new Set<string>();

  /** The batch of `spec`, which is made active if it is not. */
  open(spec: BatchSpec): ActiveBatch {
    const known = this.#batches.get(spec.batch);
    if (known) return known;
    const ended = Promise.withResolvers<Fields>();
    // It rejects when the engine fails, also if nothing awaits it.
    ended.promise.catch(() => undefined);
    const batch: ActiveBatch = {
      spec,
      totals: NO_TOTALS,
      measured: true,
      failedBefore: null,
      interrupted: false,
      paused: false,
      settings: {},
      joins: new Set(),
      ended,
      over: false,
    };
    this.#batches.set(spec.batch, batch);
    return batch;
  }

  /** Makes a batch of an earlier start active, with its totals. Returns its record; `null`: there is none. */
  async restore(ledger: Pick<Ledger, "read">, batch: string): Promise<Fields | null> {
    const fields = await readBatch(ledger, batch);
    if (!fields) return null;
    const active = this.open(parseSpec(batch, fields));
    if (hasEnded(fields)) return fields;
    active.totals = (await readTotals(ledger, batch)).totals;
    active.failedBefore = failedBefore(fields);
    active.paused = isPaused(fields);
    active.settings = settingsOf(fields);
    return fields;
  }

  find(batch: string): ActiveBatch | undefined {
    return this.#batches.get(batch);
  }

  /** Throws `BATCH_UNKNOWN` if the engine does not work on the batch. */
  get(batch: string): ActiveBatch {
    const active = this.#batches.get(batch);
    if (!active) throw new FanjoinError("BATCH_UNKNOWN", `batch ${batch} is not being worked on here`);
    return active;
  }

  forget(batch: string): void {
    this.#batches.delete(batch);
  }

  ids(): string[] {
    return [...this.#batches.keys()];
  }

  /** Those whose end has not been told yet. */
  unended(): string[] {
    return this.#idsOf(({ over }) => !over);
  }

  idsOfJob(jobFile: string): string[] {
    return this.#idsOf(({ spec }) => spec.jobFile === jobFile);
  }

  #idsOf(is: (active: ActiveBatch) => boolean): string[] {
    return this.ids().filter((batch) => is(this.get(batch)));
  }

  /** Runs a join, which `joined` waits for. */
  async join(batch: string, run: () => Promise<unknown>): Promise<void> {
    const joins = this.#batches.get(batch)?.joins ?? new Set();
    const running = Promise.withResolvers<void>();
    joins.add(running.promise);
    try {
      await run();
    } finally {
      joins.delete(running.promise);
      running.resolve();
    }
  }

  /** Resolves when no join of the batch is under way. */
  async joined(batch: string): Promise<void> {
    for (const join of this.#batches.get(batch)?.joins ?? []) await join;
  }

  /** How many threads the batches of a job that go on want for it; `null`: none says so. */
  threadsWanted(jobFile: string): number | null {
    const ofJob = [...this.#batches.values()].filter(({ spec, over }) => spec.jobFile === jobFile && !over);
    const wanted = ofJob.flatMap(({ settings: { threads } }) => threads ?? []);
    return wanted.length === 0 ? null : Math.max(...wanted);
  }

  notePause(batch: string, paused: boolean): void {
    const active = this.#batches.get(batch);
    if (active) active.paused = paused;
  }

  isInterrupted(batch: string): boolean {
    return this.#batches.get(batch)?.interrupted === true;
  }

  /** Notes whether a chunk is read from a spool. */
  noteSource({ batch, spool }: ChunkMessage): void {
    const active = spool && this.#batches.get(batch);
    if (active) active.measured = false;
  }

  addSettled(batch: string, totals: Totals): void {
    const active = this.#batches.get(batch);
    if (active) active.totals = addTotals(active.totals, totals);
  }

  /** Throws `BATCH_UNKNOWN`. */
  progress(batch: string): Progress & { readonly totals: Totals } {
    const { totals, spec, measured, failedBefore, paused } = this.get(batch);
    // The size of a redrive is not known.
    const units = measured && failedBefore === null ? sizeOf(spec.input) : null;
    return { totals, units, failedBefore, paused };
  }

  suspect(keys: readonly string[]): void {
    for (const key of keys) this.#suspects.add(key);
  }

  isSuspect(message: ChunkMessage): boolean {
    return this.#suspects.size > 0 && this.#suspects.has(journalKey(message));
  }

  /** Nothing can be made durable any more: everything that awaits a batch is told. */
  fail(error: unknown): void {
    for (const { ended } of this.#batches.values()) ended.reject(error);
  }
}
