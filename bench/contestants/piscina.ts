/**
 * piscina: `node piscina.ts <tasks>`: two threads, a no-op each, all results awaited; nothing is kept on
 * disk.
 */
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import { peakMb, report } from "./outcome.ts";
import { answerOf, WARM_UP } from "./tasks.ts";

const THREADS = 2;
/**
 * What a thread is given at once, and what waits in line: the fastest that was found (1 and 2,048: a sixth
 * slower; all at once: a third).
 */
const PER_THREAD = 64;
const OUTSTANDING = 128;

const pool = new Piscina({
  filename: fileURLToPath(import.meta.resolve("./piscina-task.ts")),
  minThreads: THREADS,
  maxThreads: THREADS,
  concurrentTasksPerWorker: PER_THREAD,
});

async function sumOf(tasks: number): Promise<number> {
  let next = 0;
  let sum = 0;
  async function lane(): Promise<void> {
    while (next < tasks) {
      const value = (await pool.run(next++)) as number;
      sum += value;
    }
  }
  await Promise.all(Array.from({ length: OUTSTANDING }, lane));
  return sum;
}

const tasks = Number(process.argv[2]);
await sumOf(WARM_UP);
const start = performance.now();
const answer = answerOf(await sumOf(tasks), tasks);
const ms = performance.now() - start;
report({
  figures: { ms, perSecond: (tasks / ms) * 1000, usPerChunk: (ms * 1000) / tasks, peakMb: peakMb() },
  answer,
});
await pool.destroy();
