/** piscina: a promise for every task. */
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import { integersOf, settled } from "./caller.ts";
import type { Caller, Settings } from "./caller.ts";

export function openPiscina({ threads, workers }: Settings): Caller {
  const pool = new Piscina<number, number>({
    filename: fileURLToPath(import.meta.resolve("./work.ts")),
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: Math.ceil(workers / threads),
  });
  return {
    map: (name, numbers) => Promise.all(integersOf(numbers).map((n) => pool.run(n, { name }))),
    each: (name, numbers, limitMs) =>
      settled(integersOf(numbers).map((n) => pool.run(n, { name, signal: AbortSignal.timeout(limitMs) }))),
    close: () => pool.destroy(),
  };
}
