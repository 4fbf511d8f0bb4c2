/**
 * The worker on a platform with a time limit, where nothing survives to see what a process died of. Chunks
 * that it has no time for go to another invocation. Suspects run last, alone.
 */
import { FanjoinError } from "../../core/errors/errors.ts";
import { journalKey } from "../../core/records/attempts/crash-journal.ts";
import { isOver, noteReported, parseTraces } from "../../core/records/attempts/attempt-traces.ts";
import type { Traces } from "../../core/records/attempts/attempt-traces.ts";
import { addLiveCounts } from "../../core/records/batch/live-counts.ts";
import type { ChunkMessage } from "../../core/records/message.ts";
import { NO_TOTALS, addTotals } from "../../core/records/totals.ts";
import type { Totals } from "../../core/records/totals.ts";
import type { Ledger, Ports } from "../../ports.ts";
import { attemptOf, bundlesOf, comesAgain, isToRun } from "../bundle/delivery.ts";
import type { ChunkDelivery } from "../bundle/delivery.ts";
import { mayHurry, mayLackMemory } from "../poison/suspicion.ts";
import { areWanted } from "../hedging/wanted-chunks.ts";
import { askToEnd } from "../../batch/steering/end.ts";
import { readBatch } from "../../batch/spec.ts";
import { limitsIn } from "../../core/limits/limits.ts";
import { delayOf, givenBack } from "./given-back.ts";
import type { TimeLimitedRunner } from "./time-limited-runner.ts";
import { worker } from "../worker.ts";

/** What the worker works with: the platform's ports, and the runner with its time budget and journal. */
export interface TimeLimitedHost extends TimeLimitedRunner {
  readonly ports: Ports;
  /** Whether the job has a larger function, and the messages for it reach it. */
  readonly larger: boolean;
  /** An attempt at these chunks has failed and will be made again. */
  readonly onFailure: (error: unknown, chunks: readonly ChunkMessage[]) => void;
}

export interface TimeLimitedReport<D> {
  /** Have to be delivered again. That counts as an attempt. */
  readonly failed: readonly D[];
  /**
   * Another attempt at them may be running. A platform that delivers again later does so; otherwise they are
   * dropped.
   */
  readonly busy: readonly D[];
  /** The totals that were settled, by batch. */
  readonly settled: ReadonlyMap<string, Totals>;
}

/**
 * Never throws for a chunk. Chunks that there was no time to begin are sent again, at no cost in attempts.
 */
export async function timeLimitedWorker<D extends ChunkDelivery>(
  host: TimeLimitedHost,
  deliveries: readonly D[],
): Promise<TimeLimitedReport<D>> {
  const invocation = new Invocation<D>(host);
  await invocation.all(deliveries);
  return invocation;
}

interface Postponed<D> {
  readonly delivery: D;
  readonly at: number;
}

class Invocation<D extends ChunkDelivery> implements TimeLimitedReport<D> {
  readonly failed: D[] = [];
  readonly busy: D[] = [];
  readonly settled = new Map<string, Totals>();
  readonly #host: TimeLimitedHost;
  readonly #notBegun: D[] = [];
  /** Given back by a limit, with the time when they should come again. */
  readonly #postponed: Postponed<D>[] = [];

  constructor(host: TimeLimitedHost) {
    this.#host = host;
  }

  async all(received: readonly D[]): Promise<void> {
    const deliveries = received.filter(isToRun);
    const traces = await tracesOf(
      this.#host.ports.ledger,
      deliveries.filter(({ suspect }) => suspect),
    );
    // A chunk with an open item may die again, and take the others' time with it: it comes last.
    const hasOpen = (delivery: D): boolean => (traces.get(delivery)?.open ?? null) !== null;
    // Neighbours share requests if they are read in order, and SQS delivers in any.
    const inOrder = deliveries.toSorted((one, other) => one.message.chunk - other.message.chunk);
    const own = await this.#withoutLarger(inOrder, traces);
    const ordered = [...own.filter((one) => !hasOpen(one)), ...own.filter(hasOpen)];
    for (const bundle of bundlesOf(ordered)) {
      for (const ofBatch of Map.groupBy(bundle, ({ message }) => message.batch).values())
        await this.#run(ofBatch, traces);
    }
    await this.#host.limits.giveBack();
    await this.#sendOn();
  }

  /** Sends chunks that may lack memory to the job's larger function. Returns the others. */
  async #withoutLarger(deliveries: readonly D[], traces: ReadonlyMap<D, Traces>): Promise<readonly D[]> {
    if (!this.#host.larger) return deliveries;
    const own: D[] = [];
    for (const delivery of deliveries) {
      const known = traces.get(delivery);
      if (known && mayLackMemory(known, attemptOf(delivery), delivery.message.larger))
        await this.#sendToLarger(delivery, known);
      else own.push(delivery);
    }
    return own;
  }

  async #sendToLarger(delivery: D, traces: Traces): Promise<void> {
    const { message } = delivery;
    const { ports, onFailure } = this.#host;
    if (traces.open && !isOver(traces.open, ports.clock.now(), message)) return void this.busy.push(delivery);
    const attempt = attemptOf(delivery);
    try {
      await ports.queue.send("worker", [{ ...message, attempt, larger: attempt - 1 }]);
      await ports.ledger.update(addLiveCounts(message.batch, { larger: 1 }));
    } catch (error) {
      onFailure(error, [message]);
      this.failed.push(delivery);
    }
  }

  /** Chunks of one batch. */
  async #run(bundle: readonly D[], traces: ReadonlyMap<D, Traces>): Promise<void> {
    const [first] = bundle;
    if (!first) return;
    if (this.#host.timeBudget.isOver()) return void this.#notBegun.push(...bundle);
    try {
      const known = traces.get(first);
      if (known) await this.#runSuspect(first, known);
      else await this.#runTogether(bundle);
    } catch (error) {
      await this.#fail(error, bundle, first.message.batch);
    }
  }

  /** Ends the batch if the code no longer accepts its params: the next attempt would fail in the same way. */
  async #fail(error: unknown, bundle: readonly D[], batch: string): Promise<void> {
    this.#host.onFailure(
      error,
      bundle.map(({ message }) => message),
    );
    await this.#report(bundle);
    if (!(error instanceof FanjoinError) || error.code !== "JOB_INVALID")
      return void this.failed.push(...bundle);
    await askToEnd(this.#host.ports, batch, "input", { code: error.code, message: error.message });
  }

  async #runSuspect(delivery: D, traces: Traces): Promise<void> {
    const { ports, journal } = this.#host;
    const { message } = delivery;
    if (traces.open && !isOver(traces.open, ports.clock.now(), message)) return void this.busy.push(delivery);
    const attempt = attemptOf(delivery);
    if (mayHurry(traces, attempt)) return this.#runTogether([{ ...delivery, suspect: false }]);
    await journal.begin(message, attempt, ports.newTag(), traces);
    try {
      await this.#runTogether([delivery]);
    } finally {
      await journal.end();
    }
  }

  async #runTogether(bundle: readonly D[]): Promise<void> {
    const { ports, runner, timeBudget } = this.#host;
    const messages = bundle.map(({ message }) => message);
    const batch = bundle[0]?.message.batch ?? "";
    const { unfinished, cut, settled, laterAt } = await timeBudget.during(
      () => this.#areWanted(batch, messages),
      () => worker(ports, runner, bundle, { looksLater: true }),
    );
    const sum = settled.get(batch) ?? NO_TOTALS;
    this.settled.set(batch, addTotals(this.settled.get(batch) ?? NO_TOTALS, sum));
    // The batch is ending, and its unfinished chunks are not wanted.
    if (timeBudget.interruption === "unwanted") return;
    const at = laterAt.get(batch);
    if (timeBudget.interruption === null && at !== undefined)
      return void this.#postponed.push(
        ...unfinished.filter(comesAgain).map((delivery) => ({ delivery, at })),
      );
    // The split of the chunk that was running has its finished items. The others were not begun.
    if (cut > 0) return void this.#notBegun.push(...unfinished.filter(comesAgain));
    if (timeBudget.interruption !== "time") return;
    const [begun, ...notBegun] = unfinished;
    if (begun && comesAgain(begun)) {
      this.#host.onFailure(new Error("the time of the invocation was up"), [begun.message]);
      await this.#report([begun]);
      this.failed.push(begun);
    }
    this.#notBegun.push(...notBegun.filter(comesAgain));
  }

  /** Also learns of limits that were changed meanwhile. */
  async #areWanted(batch: string, messages: readonly ChunkMessage[]): Promise<boolean> {
    const { ports, limits, overtaken } = this.#host;
    const fields = await readBatch(ports.ledger, batch);
    if (fields) limits.note(batch, limitsIn(fields));
    return areWanted(ports.ledger, fields, messages, overtaken);
  }

  /** A failed attempt that can say so did not lack memory. */
  async #report(bundle: readonly D[]): Promise<void> {
    if (!this.#host.larger) return;
    const { ledger } = this.#host.ports;
    for (const delivery of bundle) await ledger.update(noteReported(delivery.message, attemptOf(delivery)));
  }

  async #sendOn(): Promise<void> {
    await this.#send(this.#notBegun, (delivery) => delivery.message, 0);
    const now = this.#host.ports.clock.now();
    const delays = Map.groupBy(this.#postponed, ({ delivery, at }) => delayOf(delivery.message, at, now));
    for (const [delayMs, postponed] of delays) {
      const deliveries = postponed.map(({ delivery }) => delivery);
      await this.#send(deliveries, ({ message }) => givenBack(message), delayMs);
    }
  }

  /** Each keeps the number of its attempt. */
  async #send(
    deliveries: readonly D[],
    messageOf: (delivery: D) => ChunkMessage,
    delayMs: number,
  ): Promise<void> {
    if (deliveries.length === 0) return;
    const messages = deliveries.map((delivery) => ({
      ...messageOf(delivery),
      attempt: attemptOf(delivery),
    }));
    try {
      await this.#host.ports.queue.send("worker", messages, { delayMs });
    } catch (error) {
      this.#host.onFailure(error, messages);
      this.failed.push(...deliveries);
    }
  }
}

async function tracesOf<D extends ChunkDelivery>(
  ledger: Pick<Ledger, "read">,
  suspects: readonly D[],
): Promise<ReadonlyMap<D, Traces>> {
  if (suspects.length === 0) return new Map();
  const records = await ledger.read(suspects.map(({ message }) => journalKey(message)));
  return new Map(suspects.map((delivery, place) => [delivery, parseTraces(records[place] ?? null)]));
}
