/** A thread that runs the children of a flow. */
import { parentPort, workerData } from "node:worker_threads";
import { loadBullmq } from "../../contestants/bullmq-load.ts";
import type { Connection } from "../../contestants/bullmq-load.ts";
import { TASKS } from "./work.ts";
import type { TaskName } from "./work.ts";

export interface ThreadData {
  readonly connection: Connection;
  readonly modules: string;
  readonly concurrency: number;
}

/** How long a job may be without a sign of life. By default 30 s, which is longer than a trial. */
const STALLED_MS = 2000;

const { connection, modules, concurrency } = workerData as ThreadData;
const { Worker } = await loadBullmq(modules);

/** The library has no limit for a job; its documentation says to write this. */
async function limited(value: Promise<number>, limitMs: number | null): Promise<number> {
  if (limitMs === null) return value;
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`not done after ${limitMs} ms`)), limitMs);
  try {
    return await Promise.race([value, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

const worker = new Worker<{ n: number; limitMs: number | null }>(
  "children",
  ({ name, data: { n, limitMs } }) => limited(Promise.resolve(TASKS[name as TaskName](n)), limitMs),
  { connection, concurrency, lockDuration: STALLED_MS, stalledInterval: STALLED_MS },
);
await worker.waitUntilReady();
parentPort?.postMessage("ready");
