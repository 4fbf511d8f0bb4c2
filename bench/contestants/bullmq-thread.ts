import { parentPort, workerData } from "node:worker_threads";
import { loadBullmq } from "./bullmq-load.ts";

/** Jobs that a thread fetches ahead: the fastest that was found. */
const CONCURRENCY = 20;

const { connection, modules } = workerData as {
  connection: { path: string; maxRetriesPerRequest: null };
  modules: string;
};
const { Worker } = await loadBullmq(modules);
const worker = new Worker("children", async ({ data }) => data, { connection, concurrency: CONCURRENCY });
await worker.waitUntilReady();
parentPort?.postMessage("ready");
