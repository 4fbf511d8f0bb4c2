/** The contract of a queue: it delivers every message that it accepted, unchanged. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Message, QueueName } from "../../src/core/records/message.ts";
import type { Queue } from "../../src/ports.ts";

export interface QueueUnderTest {
  readonly queue: Queue;
  /** Receives and acknowledges some messages; none if the queue is empty. */
  take(queue: QueueName): Promise<readonly Message[]>;
  close(): Promise<void>;
}

export function chunkMessage(chunk: number, batch = "01K0"): Message {
  return {
    kind: "chunk",
    batch,
    generation: 0,
    chunk,
    attempt: 1,
    source: 0,
    start: chunk * 10,
    end: chunk * 10 + 10,
  };
}

const sorted = (messages: readonly Message[]): string[] =>
  messages.map((one) => JSON.stringify(one)).toSorted();

export function queueContract(name: string, open: () => Promise<QueueUnderTest>): void {
  describe(`the ${name} queue`, () => {
    let opened: QueueUnderTest;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    async function takeAll(queue: QueueName): Promise<Message[]> {
      const taken: Message[] = [];
      for (;;) {
        const some = await opened.take(queue);
        if (some.length === 0) return taken;
        taken.push(...some);
      }
    }

    test("a message of any kind is delivered as it was sent", async () => {
      const messages: Message[] = [
        { kind: "plan", batch: "01K0", entry: 3 },
        { kind: "merge", node: { batch: "01K0", generation: 0, level: 1, index: 2 }, attempt: 1 },
        { kind: "seal", node: { batch: "é😀\"'", generation: 1, level: 0, index: 0 }, attempt: 2 },
        chunkMessage(7),
      ];
      await opened.queue.send("coordinator", messages);
      expect(sorted(await takeAll("coordinator"))).toEqual(sorted(messages));
    });

    test("more messages than fit into one request of any platform are all accepted", async () => {
      const messages = Array.from({ length: 137 }, (_, chunk) => chunkMessage(chunk));
      await Promise.all([
        opened.queue.send("worker", messages.slice(0, 100)),
        opened.queue.send("worker", messages.slice(100)),
      ]);
      expect(sorted(await takeAll("worker"))).toEqual(sorted(messages));
    });

    test("queues are separate, and an empty send does nothing", async () => {
      await opened.queue.send("join", [chunkMessage(1)]);
      await opened.queue.send("worker", []);
      expect(await takeAll("worker")).toEqual([]);
      expect(await takeAll("join")).toHaveLength(1);
    });
  });
}
