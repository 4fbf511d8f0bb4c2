import { openDatabase } from "../../src/local/sqlite/database.ts";
import { temporaryDirectory } from "../memory/directory.ts";
import { memoryQueue } from "../../src/testing/memory/queue.ts";
import { queueContract } from "./queue.ts";

queueContract("memory", async () => {
  const queue = memoryQueue();
  return { queue, take: async (name) => queue.take(name, 10), close: async () => {} };
});

queueContract("embedded", async () => {
  const directory = temporaryDirectory();
  const database = openDatabase({ file: directory.path("state.db"), clock: Date });
  return {
    queue: database.queue,
    async take(name) {
      const deliveries = database.queue.receive(name, 10);
      await database.committed();
      database.queue.acknowledge(deliveries);
      return deliveries.map(({ message }) => message);
    },
    async close() {
      await database.close();
      directory.remove();
    },
  };
});
