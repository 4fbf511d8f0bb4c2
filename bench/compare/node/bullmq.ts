/** BullMQ: a flow of a parent and its children, which two threads run. Its Redis outlives this process. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker as Thread } from "node:worker_threads";
import { loadBullmq } from "../../contestants/bullmq-load.ts";
import { socketIn, startRedis } from "../../contestants/redis.ts";
import type { ThreadData } from "./bullmq-thread.ts";
import { integersOf } from "./caller.ts";
import type { Caller, Numbers, Settings } from "./caller.ts";
import type { TaskName } from "./work.ts";

type Results = readonly (number | Error)[];

export async function openBullmq({ workers, threads, again, modules }: Settings): Promise<Caller> {
  const directory = process.env["COMPARE_DIR"] ?? ".";
  const isKept = again && existsSync(socketIn(directory));
  const redis = isKept ? null : await startRedis(directory);
  const connection = { path: socketIn(directory), maxRetriesPerRequest: null };
  const { FlowProducer, QueueEvents, Worker } = await loadBullmq(modules);
  let joined = Promise.withResolvers<Results>();
  const parents = new Worker<null>(
    "parents",
    async (job) => {
      const failures = Object.values(await job.getIgnoredChildrenFailures());
      const values = Object.values(await job.getChildrenValues());
      joined.resolve([...values, ...failures.map((message) => new Error(message))]);
    },
    { connection },
  );
  const events = new QueueEvents("parents", { connection });
  events.on("failed", ({ failedReason }) => joined.reject(new Error(failedReason)));
  const flows = new FlowProducer({ connection });

  const script = fileURLToPath(import.meta.resolve("./bullmq-thread.ts"));
  const workerData: ThreadData = { connection, modules, concurrency: Math.ceil(workers / threads) };
  const pool = Array.from({ length: threads }, () => new Thread(script, { workerData }));
  await Promise.all(pool.map((thread) => new Promise((resolve) => thread.once("message", resolve))));
  await Promise.all([parents.waitUntilReady(), events.waitUntilReady()]);

  async function run(name: TaskName, numbers: Numbers, limitMs: number | null): Promise<Results> {
    // After a second start the flow of the first one goes on.
    if (isKept && name === "trial") return joined.promise;
    joined = Promise.withResolvers<Results>();
    const opts =
      limitMs === null
        ? { failParentOnFailure: true as const }
        : { ignoreDependencyOnFailure: true as const };
    const children = integersOf(numbers).map((n) => ({
      name,
      queueName: "children",
      data: { n, limitMs },
      opts,
    }));
    await flows.add({ name: "parent", queueName: "parents", children });
    return joined.promise;
  }

  return {
    map: (task, numbers) => run(task, numbers, null),
    each: run,
    async close() {
      await Promise.all(pool.map((thread) => thread.terminate()));
      await Promise.all([parents.close(true), flows.close(), events.close()]);
      redis?.kill();
      process.exit();
    },
  };
}
