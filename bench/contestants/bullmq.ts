/**
 * BullMQ: `node bullmq.ts <children> <its node_modules>`: a flow of one parent and its children, two threads; the parent adds up its children's
 * values. It talks to a redis-server of its own, by a socket, that keeps nothing on disk.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Worker as Thread } from "node:worker_threads";
import { loadBullmq } from "./bullmq-load.ts";
import { peakMb, report } from "./outcome.ts";
import { answerOf, WARM_UP } from "./tasks.ts";

const THREADS = 2;

const [, , childrenText, modules = ""] = process.argv;
const children = Number(childrenText);
const directory = mkdtempSync(join(tmpdir(), "fanjoin-bench-"));
const socket = join(directory, "redis.sock");
const settings = [
  "--port",
  "0",
  "--unixsocket",
  socket,
  "--save",
  "",
  "--appendonly",
  "no",
  "--dir",
  directory,
];
const redis = spawn("redis-server", settings, { stdio: "ignore" });
while (!existsSync(socket)) await sleep(10);

const connection = { path: socket, maxRetriesPerRequest: null };
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
  const parts = Array.from({ length: count }, (_, n) => ({ name: "child", queueName: "children", data: n }));
  await flows.add({ name: "parent", queueName: "parents", children: parts });
  return promise;
}

await sumOf(WARM_UP);
const start = performance.now();
const answer = answerOf(await sumOf(children), children);
const ms = performance.now() - start;
report({
  figures: { ms, perSecond: (children / ms) * 1000, usPerChunk: (ms * 1000) / children, peakMb: peakMb() },
  answer,
});
await Promise.all(threads.map((thread) => thread.terminate()));
await Promise.all([parents.close(true), flows.close()]);
redis.kill();
rmSync(directory, { recursive: true });
process.exit();
