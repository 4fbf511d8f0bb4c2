import * as fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import type { Message } from "../../../src/core/records/message.ts";
import { openDatabase } from "../../../src/local/sqlite/database.ts";
import type { Database } from "../../../src/local/sqlite/database.ts";
import type { QueueDelivery } from "../../../src/local/sqlite/local-queue.ts";
import { chunkMessage } from "../../contract/queue.ts";
import { manualClock } from "../../memory/clock.ts";
import { temporaryDirectory } from "../../memory/directory.ts";

const VISIBILITY_MS = 1_000;

const chunksOf = (deliveries: readonly { readonly message: Message }[]): number[] =>
  deliveries.map(({ message }) => (message.kind === "chunk" ? message.chunk : -1));

const action = fc.oneof(
  fc.record({ do: fc.constant("send" as const), count: fc.integer({ min: 1, max: 200 }) }),
  fc.record({ do: fc.constant("receive" as const), count: fc.integer({ min: 1, max: 64 }) }),
  fc.record({ do: fc.constant("acknowledge" as const), count: fc.integer({ min: 1, max: 64 }) }),
  fc.record({
    do: fc.constant("release" as const),
    count: fc.integer({ min: 1, max: 64 }),
    delayMs: fc.nat(100),
  }),
  fc.record({ do: fc.constant("pass" as const), ms: fc.nat(VISIBILITY_MS) }),
  fc.constant({ do: "commit" } as const),
  fc.constant({ do: "reopen" } as const),
);

test("a queue holds exactly the messages that were sent and not acknowledged, whatever happens", async () => {
  const directory = temporaryDirectory();
  onTestFinished(() => directory.remove());
  const clock = manualClock();
  let files = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
      const file = directory.path(`${++files}.db`);
      const open = (): Database =>
        openDatabase({ file, clock, queue: { visibilityMs: { worker: VISIBILITY_MS } } });
      let database = open();
      const expected = new Set<number>();
      let sent = 0;
      let held: QueueDelivery[] = [];

      async function run(step: (typeof actions)[number]): Promise<void> {
        const { queue } = database;
        switch (step.do) {
          case "send": {
            const chunks = Array.from({ length: step.count }, () => sent++);
            for (const chunk of chunks) expected.add(chunk);
            return queue.send(
              "worker",
              chunks.map((chunk) => chunkMessage(chunk)),
            );
          }
          case "receive":
            held.push(...queue.receive("worker", step.count), ...queue.receive("dead-letter", 3));
            return;
          case "acknowledge": {
            const done = held.splice(0, step.count);
            for (const chunk of chunksOf(done)) expected.delete(chunk);
            return queue.acknowledge(done);
          }
          case "release":
            return queue.release(held.splice(-step.count), { delayMs: step.delayMs });
          case "pass":
            return clock.advance(step.ms);
          case "commit":
            return database.committed();
          case "reopen":
            await database.close();
            held = [];
            database = open();
            database.queue.activate("01K0");
        }
      }

      for (const step of actions) {
        await run(step);
        const { queue } = database;
        const names = ["worker", "dead-letter"] as const;
        const counts = names.map((name) => queue.waiting(name) + queue.inFlight(name));
        // Parked dead letters are counted nowhere.
        expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(expected.size);
      }
      await database.close();
      database = open();
      const { queue } = database;
      queue.activate("01K0");
      const found = [...queue.receive("worker", Infinity), ...queue.receive("dead-letter", Infinity)];
      await database.close();
      expect(chunksOf(found).toSorted((a, b) => a - b)).toEqual([...expected].toSorted((a, b) => a - b));
    }),
    { numRuns: 60 },
  );
});
