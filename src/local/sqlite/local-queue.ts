import type { Message, QueueName } from "../../core/records/message.ts";
import type { Queue } from "../../ports.ts";

export interface QueueDelivery {
  readonly id: number;
  readonly queue: QueueName;
  readonly message: Message;
  /** 1 for the first delivery. */
  readonly receives: number;
  /** How many of these are no evidence: made by a process that died (0 or 1), or released as `blameless`. */
  readonly carried: number;
}

export interface LocalQueue extends Queue {
  /**
   * The oldest available messages, or chunks of `batch`; they are invisible until the visibility timeout.
   */
  receive(queue: QueueName, max: number, batch?: string): QueueDelivery[];
  /** The batches that have available chunks. */
  batchesWithChunks(): readonly string[];
  /** The messages are done with and gone. Acknowledging twice is harmless. */
  acknowledge(deliveries: readonly QueueDelivery[]): void;
  /**
   * Visible again after `delayMs`. `counted: false` takes the receive back, e.g. at a clean stop. `blameless`
   * counts it, but not as evidence.
   */
  release(
    deliveries: readonly QueueDelivery[],
    options?: { readonly delayMs?: number; readonly counted?: boolean; readonly blameless?: boolean },
  ): void;
  /** Messages that are not held, delayed ones included. */
  waiting(queue: QueueName): number;
  /** The available chunks of one batch. */
  waitingOf(batch: string): number;
  /** Messages that have been received and neither acknowledged nor released. */
  inFlight(queue: QueueName): number;
  /**
   * When the next invisible or delayed message becomes visible, `null` if there is none. `receive` then finds
   * it.
   */
  nextWakeAt(): number | null;
  /** Called synchronously, possibly many times, when a message becomes available. */
  onArrival(listener: () => void): void;
  /** Whether there is no message, but for dormant ones. */
  isEmpty(): boolean;
  /** The messages of a batch of an earlier start, until they are activated. */
  dormant(batch: string): readonly Message[];
  /** Makes the dormant messages of a batch available. */
  activate(batch: string): void;
  /** Drops all messages of an ended batch, those in flight too. */
  remove(batch: string): void;
}

export interface QueueOptions {
  /**
   * How long a received message stays invisible. This is the last resort: the engine itself releases the
   * messages of a dead thread.
   */
  readonly visibilityMs?: Partial<Record<QueueName, number>>;
  /** A message that was received so often becomes a dead letter. */
  readonly maxReceives?: number;
}
