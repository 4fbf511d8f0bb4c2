/** BullMQ: `node bullmq-limit.ts <calls per second> <its node_modules>`: two threads with its limiter. */
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Worker as Thread } from "node:worker_threads";
import { startOwnRedis } from "./bullmq-redis.ts";
import { loadBullmq } from "./bullmq-load.ts";
import { SECONDS, limitedRun } from "./limited-calls.ts";
import { report } from "./outcome.ts";

const [, , perSecondText, modules = ""] = process.argv;
const perSecond = Number(perSecondText);
const calls = perSecond * SECONDS;
const redis = await startOwnRedis();
const { Queue } = await loadBullmq(modules);
const queue = new Queue("limited", { connection: redis.connection });
await queue.addBulk(Array.from({ length: calls }, (_, data) => ({ name: "call", data })));
const times: number[] = [];
const threads = [1, 2].map(
  () =>
    new Thread(fileURLToPath(import.meta.resolve("./bullmq-limit-thread.ts")), {
      workerData: { connection: redis.connection, modules, perSecond },
    }),
);
const done = Promise.withResolvers<void>();
for (const thread of threads) {
  thread.on("message", (time: number) => {
    if (times.push(time) === calls) done.resolve();
  });
}
await Promise.race([done.promise, ...threads.map((thread) => once(thread, "exit"))]);
report(limitedRun(perSecond, times, null));
await Promise.all(threads.map((thread) => thread.terminate()));
await queue.close();
redis.stop();
process.exit();
