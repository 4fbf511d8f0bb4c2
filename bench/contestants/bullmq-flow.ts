/**
 * BullMQ, ready to run: flows of a parent and its children; two threads run the children, the parent adds up
 * their values. It talks to a redis-server of its own, by a socket, that keeps nothing on disk.
 */
import { fileURLToPath } from "node:url";
import { Worker as Thread } from "node:worker_threads";
import { loadBullmq } from "./bullmq-load.ts";
import { startOwnRedis } from "./bullmq-redis.ts";

const THREADS = 2;

export interface Flows {
  /** Runs a flow of so many children; the sum of their numbers. */
  sumOf(children: number): Promise<number>;
  close(): Promise<void>;
}

/** `modules`: the `node_modules` that BullMQ is in. */
export async function openFlows(modules: string): Promise<Flows> {
  const redis = await startOwnRedis();
  const { connection } = redis;
  const { FlowProducer, Worker } = await loadBullmq(modules);
  const script = fileURLToPath(import.meta.resolve("./bullmq-thread.ts"));
  const threads = Array.from(
    { length: THREADS },
    () => new Thread(script, { workerData: { connection, modules } }),
  );
  await Promise.all(threads.map((thread) => new Promise((resolve) => thread.once("message", resolve))));

  let joined: (sum: number) => void = () => undefined;
  const parents = new Worker(
    "parents",
    async (job) => {
      const values = Object.values(await job.getChildrenValues());
      joined(values.reduce((sum, value) => sum + value, 0));
    },
    { connection },
  );
  const flows = new FlowProducer({ connection });

  async function sumOf(count: number): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    joined = resolve;
    const parts = Array.from({ length: count }, (_, n) => ({
      name: "child",
      queueName: "children",
      data: n,
    }));
    await flows.add({ name: "parent", queueName: "parents", children: parts });
    return promise;
  }

  return {
    sumOf,
    async close() {
      await Promise.all(threads.map((thread) => thread.terminate()));
      await Promise.all([parents.close(true), flows.close()]);
      redis.stop();
    },
  };
}
