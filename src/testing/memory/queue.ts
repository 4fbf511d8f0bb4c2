/** Queues in memory, without redelivery. A test takes messages out itself, and may put them back. */
import type { Message, QueueName } from "../../core/records/message.ts";
import type { Queue } from "../../ports.ts";

export interface MemoryQueue extends Queue {
  /** Removes and returns the oldest messages. */
  take(queue: QueueName, max?: number): Message[];
  waiting(queue: QueueName): number;
}

export function memoryQueue(): MemoryQueue {
  const queues = new Map<QueueName, Message[]>();
  return {
    async send(queue, messages) {
      queues.set(queue, [...(queues.get(queue) ?? []), ...messages]);
    },
    take: (queue, max = Infinity) => queues.get(queue)?.splice(0, max) ?? [],
    waiting: (queue) => queues.get(queue)?.length ?? 0,
  };
}
