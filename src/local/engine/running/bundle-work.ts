/** The work on the bundles that the pump hands out, and how many there may be. */
import type { Ports } from "../../../ports.ts";
import type { Runner } from "../../../runner/runner.ts";
import { comesAgain } from "../../../steps/bundle/delivery.ts";
import { worker } from "../../../steps/worker.ts";
import type { LocalQueue } from "../../sqlite/local-queue.ts";
import type { ActiveBatches } from "../active-batches.ts";
import type { BatchEnds } from "../batch-ends.ts";
import type { Histories } from "../history/histories.ts";
import type { BatchTurns } from "../pumping/batch-turns.ts";
import type { BundleEvents, QueuedChunk } from "../pumping/pump.ts";
import type { Hedging } from "./hedging.ts";
import type { JobThreads } from "./job-threads.ts";

/** Bundles per thread that wait in the queue before a planner has to wait. */
const BUNDLES_AHEAD = 4;

/** Beside a chunk of this time, the time between two chunks is nothing. */
const LONG_MS = 200;

export interface BundleWorkContext {
  readonly ports: () => Ports;
  readonly runner: Runner;
  readonly queue: Pick<LocalQueue, "waitingOf">;
  readonly batches: ActiveBatches;
  readonly threads: Pick<JobThreads, "most">;
  readonly histories: Histories;
  readonly hedging: () => Hedging;
  readonly turns: BatchTurns;
  readonly ends: () => BatchEnds;
}

export class BundleWork {
  readonly #context: BundleWorkContext;

  constructor(context: BundleWorkContext) {
    this.#context = context;
  }

  /** So many chunks of the batch wait that its planner has to wait. */
  hasEnough(batch: string): boolean {
    const { queue, batches, threads, turns } = this.#context;
    if (batches.isInterrupted(batch)) return false;
    return queue.waitingOf(batch) >= turns.sizeOf(batch).chunks * threads.most * BUNDLES_AHEAD;
  }

  /**
   * While a thread settles a short bundle, it runs another one. It does not wait with a long chunk whose
   * items run one by one: a batch that comes meanwhile would have to wait for both.
   */
  bundlesPerThread(batch: string): number {
    const { batches, turns } = this.#context;
    const { concurrency = 1 } = batches.find(batch)?.spec ?? {};
    const { msPerChunk } = turns.sizeOf(batch);
    return concurrency === 1 && msPerChunk !== null && msPerChunk > LONG_MS ? 1 : 2;
  }

  /** Returns the chunks that were interrupted. */
  async run(bundle: readonly QueuedChunk[], events: BundleEvents): Promise<readonly QueuedChunk[]> {
    const { batches, histories } = this.#context;
    const hedging = this.#context.hedging();
    for (const { message, receives } of bundle) {
      batches.noteSource(message);
      if (receives > 1) histories.find(message.batch)?.noteAttempt(message, receives);
    }
    hedging.begin(bundle);
    try {
      return await this.#run(bundle, events);
    } finally {
      await hedging.end(bundle);
    }
  }

  async #run(
    bundle: readonly QueuedChunk[],
    { onDraining, onDone }: BundleEvents,
  ): Promise<readonly QueuedChunk[]> {
    const { ports, runner, batches, histories, hedging, turns, ends } = this.#context;
    const { unfinished, settled } = await worker(ports(), runner, bundle, {
      onDraining,
      onSettled: async (batch, totals, done) => {
        turns.learn(batch, totals);
        batches.addSettled(batch, totals);
        histories.find(batch)?.count(totals, Date.now());
        onDone(done);
        await hedging().end(done);
        // The worker may have ended the batch: too many items failed, or it has enough.
        const mayEnd = totals.failed > 0 || batches.get(batch).spec.enough;
        if (mayEnd) await ends().notice(batch);
      },
    });
    // Or the input has changed.
    if (unfinished.length > 0) for (const batch of settled.keys()) await ends().notice(batch);
    return unfinished.filter(comesAgain);
  }
}
