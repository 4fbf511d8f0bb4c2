import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { loadBullmq } from "./bullmq-load.ts";
import { CALL_MS, LANES, callTime } from "./limited-calls.ts";

const { connection, modules, perSecond } = workerData as {
  connection: { path: string; maxRetriesPerRequest: null };
  modules: string;
  perSecond: number;
};
const { Worker } = await loadBullmq(modules);
const worker = new Worker(
  "limited",
  async () => {
    parentPort?.postMessage(callTime());
    await sleep(CALL_MS);
  },
  { connection, concurrency: LANES, limiter: { max: perSecond, duration: 1000 } },
);
await worker.waitUntilReady();
