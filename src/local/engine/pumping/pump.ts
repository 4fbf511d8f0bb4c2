/**
 * Moves messages from the queue to the steps. It wakes up when one arrives, acknowledges the finished ones,
 * and releases the failed ones for another attempt.
 */
import { FanjoinError } from "../../../core/errors/errors.ts";
import type { ErrorCode } from "../../../core/errors/errors.ts";
import type { ChunkMessage, Message, NodeMessage, PlanMessage } from "../../../core/records/message.ts";
import { attemptOf, bundlesOf } from "../../../steps/bundle/delivery.ts";
import type { ChunkDelivery } from "../../../steps/bundle/delivery.ts";
import { isSuspect } from "../../../steps/poison/suspicion.ts";
import type { LocalQueue, QueueDelivery } from "../../sqlite/local-queue.ts";
import { ThreadDied } from "../../threads/watching/thread-died.ts";
import type { BatchTurns } from "./batch-turns.ts";

export type QueuedChunk = QueueDelivery & ChunkDelivery;

export interface PumpOptions {
  readonly queue: LocalQueue;
  /** How many threads run chunks. */
  readonly threads: () => number;
  readonly turns: BatchTurns;
  /**
   * How many bundles of a batch a thread holds at most: one that runs, and one for when that is done. Those
   * whose items have all begun do not count: their thread says how many it takes.
   */
  readonly bundlesPerThread: (batch: string) => number;
  /** Whether there is something against a chunk that its message does not show. */
  readonly suspect: (message: ChunkMessage) => boolean;
  readonly coordinator: (message: PlanMessage) => Promise<void>;
  /** Returns the chunks that were interrupted. */
  readonly worker: (bundle: readonly QueuedChunk[], events: BundleEvents) => Promise<readonly QueuedChunk[]>;
  readonly join: (message: NodeMessage) => Promise<void>;
  readonly deadLetter: (message: Message) => Promise<void>;
  /** Called after each round, when there may be room for more messages. */
  readonly onRoom: () => void;
  /** An attempt failed and will be made again. */
  readonly onRetry: (error: unknown) => void;
  /** The engine cannot go on. */
  readonly onFailure: (error: unknown) => void;
}

/** What the worker tells while a bundle runs. */
export interface BundleEvents {
  /** All items of the bundle have begun: its thread has room for another one. */
  readonly onDraining: () => void;
  /** These chunks are settled, and others of the bundle still run. */
  readonly onDone: (chunks: readonly QueuedChunk[]) => void;
}

/** The engine stopped while this work was under way. `resume` takes it up again. */
export class Stopped extends Error {
  override readonly name = "Stopped";
}

/** Joins at once: each holds the bodies of one node. */
const MOST_JOINS = 16;
/** Messages of the rarer kinds that are taken at once. */
const MOST_OTHERS = 10;
/** A delivery that failed comes back after this, doubled each time. */
const RETRY_MS = 50;
/**
 * Another attempt cannot help: nothing can be written, or the job file has changed since the batch began.
 */
const HOPELESS: ReadonlySet<ErrorCode> = new Set(["DIRECTORY_UNUSABLE", "JOB_INVALID"]);

export class Pump {
  readonly #options: PumpOptions;
  readonly #running = new Set<Promise<void>>();
  #bundles = 0;
  #joins = 0;
  #planners = 0;
  #woken = false;
  #stopping = false;
  #alarm: NodeJS.Timeout | undefined;
  /** When the alarm goes off; `null`: it is not set. */
  #alarmAt: number | null = null;

  constructor(options: PumpOptions) {
    this.#options = options;
    options.queue.onArrival(() => this.wake());
  }

  /** Pumps soon, once, however many messages arrive until then. */
  wake(): void {
    if (this.#woken || this.#stopping) return;
    this.#woken = true;
    setImmediate(() => {
      this.#woken = false;
      if (this.#stopping) return;
      try {
        this.#round();
      } catch (error) {
        this.#options.onFailure(error);
      }
    });
  }

  /** Nothing waits for a thread, and no planner is at work that would send more. */
  get isTail(): boolean {
    return this.#planners === 0 && this.#options.queue.waiting("worker") === 0;
  }

  /** Takes up no more messages, and waits for the running work. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#alarm);
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Something that `stop` has to wait for. It must not reject. */
  track(work: Promise<void>): void {
    const run = work.finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  #round(): void {
    const { queue, coordinator, join, deadLetter, onRoom } = this.#options;
    for (const delivery of queue.receive("coordinator", MOST_OTHERS)) {
      this.#planners++;
      this.#deliver(delivery, () =>
        coordinator(delivery.message as PlanMessage).finally(() => this.#planners--),
      );
    }
    for (const delivery of queue.receive("join", MOST_JOINS - this.#joins)) {
      this.#joins++;
      this.#deliver(delivery, () => join(delivery.message as NodeMessage).finally(() => this.#joins--));
    }
    for (const delivery of queue.receive("dead-letter", MOST_OTHERS)) {
      this.#deliver(delivery, () => deadLetter(delivery.message));
    }
    this.#fanOut();
    onRoom();
    this.#setAlarm();
  }

  #fanOut(): void {
    const { queue, turns, suspect } = this.#options;
    const threads = this.#options.threads();
    // Those whose time has come become available.
    queue.receive("worker", 0);
    for (;;) {
      const batch = turns.next(queue.batchesWithChunks());
      if (batch === null || this.#bundles >= threads * this.#options.bundlesPerThread(batch)) return;
      const received = queue.receive("worker", turns.bundle(batch, queue.waitingOf(batch), threads), batch);
      const deliveries = received.map((one) => judged(one, suspect));
      turns.take(
        batch,
        deliveries.map(({ message }) => message.chunk),
      );
      for (const bundle of bundlesOf(deliveries)) this.#deliverBundle(bundle);
    }
  }

  /** Wakes up when the next invisible message becomes visible. An alarm that comes too early does no harm. */
  #setAlarm(): void {
    const at = this.#options.queue.nextWakeAt();
    if (at !== null && this.#alarmAt !== null && this.#alarmAt <= at) return;
    clearTimeout(this.#alarm);
    this.#alarmAt = at;
    if (at !== null) this.#alarm = setTimeout(() => this.#goOff(), Math.max(1, at - Date.now()));
  }

  #goOff(): void {
    this.#alarmAt = null;
    this.wake();
  }

  #deliver(delivery: QueueDelivery, step: () => Promise<void>): void {
    this.#run(
      () => [delivery],
      async () => {
        await step();
        return [];
      },
    );
  }

  #deliverBundle(bundle: readonly QueuedChunk[]): void {
    let open = bundle;
    let feeding = true;
    const drains = (): void => {
      if (feeding) this.#bundles--;
      feeding = false;
    };
    const events: BundleEvents = {
      onDraining: () => {
        drains();
        this.wake();
      },
      onDone: (chunks) => {
        if (chunks.length === 0) return;
        const done = new Set(chunks);
        open = open.filter((chunk) => !done.has(chunk));
        this.#options.queue.acknowledge(chunks);
      },
    };
    this.#bundles++;
    this.#run(
      () => open,
      () => this.#options.worker(bundle, events).finally(drains),
    );
  }

  /** `open`: the deliveries that are not acknowledged, which become fewer. */
  #run(open: () => readonly QueueDelivery[], step: () => Promise<readonly QueueDelivery[]>): void {
    // A queue that refuses even to take deliveries back has failed.
    const finished = this.#finish(open, step()).catch(this.#options.onFailure);
    this.track(finished.finally(() => this.wake()));
  }

  /** Acknowledges the finished deliveries of a step. The unfinished and the failed ones come back. */
  async #finish(
    open: () => readonly QueueDelivery[],
    step: Promise<readonly QueueDelivery[]>,
  ): Promise<void> {
    const { queue, onFailure } = this.#options;
    try {
      const unfinished = await step;
      if (unfinished.length === 0) return queue.acknowledge(open());
      const interrupted = new Set(unfinished);
      queue.acknowledge(open().filter((delivery) => !interrupted.has(delivery)));
      queue.release(unfinished, { counted: false });
    } catch (error) {
      if (error instanceof FanjoinError && HOPELESS.has(error.code)) onFailure(error);
      else this.#bringBack(open(), error);
    }
  }

  #bringBack(deliveries: readonly QueueDelivery[], error: unknown): void {
    const { queue, onRetry } = this.#options;
    const innocent = error instanceof Stopped || (error instanceof ThreadDied && !error.blame);
    if (innocent) return queue.release(deliveries, { counted: false });
    if (!this.#stopping) onRetry(error);
    const receives = deliveries[0]?.receives ?? 1;
    // The job's `setup` is to blame, so the chunks need no care.
    const blameless = error instanceof FanjoinError && error.code === "SETUP_FAILED";
    queue.release(deliveries, { delayMs: RETRY_MS * 2 ** receives, blameless });
  }
}

/** Only chunks are in the workers' queue. */
function judged(
  { id, queue, message, receives, carried }: QueueDelivery,
  suspect: PumpOptions["suspect"],
): QueuedChunk {
  const chunk = message as ChunkMessage;
  const evidence = { carried, accused: suspect(chunk) };
  return {
    id,
    queue,
    message: chunk,
    receives,
    carried,
    suspect: isSuspect(attemptOf({ message: chunk, receives }), evidence),
  };
}
