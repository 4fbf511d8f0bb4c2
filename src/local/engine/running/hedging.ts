/**
 * Hedges on one machine: a chunk that takes much longer than others runs once more in a thread that has
 * nothing to do. The engine knows when each chunk began, so nobody has to look at the ledger for that.
 */
import { hedgeAfterMs, isTail } from "../../../core/records/attempts/hedges.ts";
import { isWholeMessage } from "../../../core/records/message.ts";
import type { ChunkMessage } from "../../../core/records/message.ts";
import { FAN_IN, leafOf } from "../../../core/records/tree.ts";
import { readBatch } from "../../../batch/spec.ts";
import type { Ports } from "../../../ports.ts";
import { hedgeStragglers } from "../../../steps/hedging/look-for-stragglers.ts";
import { settledChunks } from "../../../steps/hedging/wanted-chunks.ts";
import type { ActiveBatches } from "../active-batches.ts";
import type { JobThreads } from "./job-threads.ts";
import type { QueuedChunk } from "../pumping/pump.ts";

/** Time between two checks. */
const CHECK_MS = 1_000;
/** Of so many settled chunks the median is taken. */
const SAMPLE = 101;

export interface HedgingContext {
  readonly ports: Ports;
  readonly batches: Pick<ActiveBatches, "find">;
  readonly threads: Pick<JobThreads, "idleOf" | "overtake">;
  /** Nothing waits for a thread, and nothing more is planned. */
  readonly isTail: () => boolean;
  readonly warn: (error: unknown) => void;
}

interface Watched {
  readonly generation: number;
  /** The chunks that run for the first time, and since when. */
  readonly running: Map<QueuedChunk, number>;
  /** Chunks that were hedged, and may still run twice. */
  readonly hedged: Map<number, ChunkMessage>;
  /** How long the newest settled chunks took, in milliseconds. */
  readonly took: number[];
}

export class Hedging {
  readonly #context: HedgingContext;
  readonly #batches = new Map<string, Watched>();
  #timer: NodeJS.Timeout | undefined;
  #checking = false;

  constructor(context: HedgingContext) {
    this.#context = context;
  }

  /** A bundle goes to a thread. */
  begin(bundle: readonly QueuedChunk[]): void {
    const [first] = bundle;
    if (!first || !this.#hedges(first.message.batch)) return;
    const { running } = this.#of(first.message);
    const now = Date.now();
    for (const delivery of bundle) if (isWholeMessage(delivery.message)) running.set(delivery, now);
    this.#timer ??= setInterval(() => void this.check(), CHECK_MS).unref();
  }

  /** Chunks of a batch are settled, or have to come again. */
  async end(deliveries: readonly QueuedChunk[]): Promise<void> {
    const { batch = "" } = deliveries[0]?.message ?? {};
    const watched = this.#batches.get(batch);
    if (!watched) return;
    const now = Date.now();
    for (const delivery of deliveries) {
      const since = watched.running.get(delivery);
      if (since === undefined) continue;
      watched.running.delete(delivery);
      watched.took.push(now - since);
      if (watched.took.length > SAMPLE) watched.took.shift();
    }
    await this.#stopLosers(batch, watched);
  }

  /** Hedges what is slow, and stops attempts that come too late. */
  async check(): Promise<void> {
    // A check may take longer than the time between two of them.
    if (this.#checking) return;
    this.#checking = true;
    try {
      for (const [batch, watched] of this.#batches) {
        await this.#stopLosers(batch, watched);
        await this.#hedge(batch, watched);
        if (watched.running.size === 0 && this.#context.batches.find(batch)?.over !== false)
          this.#batches.delete(batch);
      }
      if (this.#batches.size === 0) this.stop();
    } catch (error) {
      this.#context.warn(error);
    } finally {
      this.#checking = false;
    }
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #hedge(batch: string, { generation, running, took, hedged }: Watched): Promise<void> {
    const { ports, batches, threads, isTail: nothingWaits } = this.#context;
    const active = batches.find(batch);
    if (!active || active.over || active.paused || active.interrupted || !nothingWaits()) return;
    const { chunks } = (await readBatch(ports.ledger, batch)) ?? {};
    if (typeof chunks !== "number" || !isTail(active.totals.chunks, chunks)) return;
    const idle = active.spec.jobFile === null ? 0 : threads.idleOf(active.spec.jobFile);
    const before = Date.now() - hedgeAfterMs(medianOf(took));
    // A suspect runs with care, one item at a time.
    const slow = [...running]
      .filter(([{ suspect, message }, since]) => since <= before && !suspect && !hedged.has(message.chunk))
      .map(([{ message }]) => message);
    for (const [index, ofLeaf] of Map.groupBy(slow.slice(0, idle), ({ chunk }) => leafOf(chunk, FAN_IN))) {
      const node = { batch, generation, level: 0, index };
      await hedgeStragglers(
        ports,
        node,
        ofLeaf.map(({ chunk }) => chunk),
      );
      for (const message of ofLeaf) hedged.set(message.chunk, message);
    }
  }

  /** The ledger says which chunks are settled: a chunk that was cut is not, though its delivery is done. */
  async #stopLosers(batch: string, { hedged }: Watched): Promise<void> {
    if (hedged.size === 0) return;
    const { ports, batches, threads } = this.#context;
    const { jobFile = null } = batches.find(batch)?.spec ?? {};
    const settled = await settledChunks(ports.ledger, [...hedged.values()]);
    for (const { chunk } of settled) hedged.delete(chunk);
    if (jobFile !== null && settled.length > 0)
      threads.overtake(
        jobFile,
        settled.map(({ generation, chunk }) => ({ batch, generation, chunk })),
      );
  }

  #hedges(batch: string): boolean {
    return this.#context.batches.find(batch)?.spec.hedge === true;
  }

  #of({ batch, generation }: ChunkMessage): Watched {
    const known = this.#batches.get(batch);
    if (known?.generation === generation) return known;
    const watched: Watched = { generation, running: new Map(), hedged: new Map(), took: [] };
    this.#batches.set(batch, watched);
    return watched;
  }
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
