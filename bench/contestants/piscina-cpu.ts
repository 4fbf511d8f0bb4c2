/** piscina: `node piscina-cpu.ts <items>`: two threads, a task for each item. */
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import { busyRun, BUSY_WARM_UP } from "./busy.ts";
import { report } from "./outcome.ts";

const THREADS = 2;
const pool = new Piscina({
  filename: fileURLToPath(import.meta.resolve("./busy.ts")),
  name: "busy",
  minThreads: THREADS,
  maxThreads: THREADS,
});

async function sumOf(items: number): Promise<number> {
  const values = await Promise.all(Array.from({ length: items }, (_, item) => pool.run(item)));
  return (values as number[]).reduce((sum, value) => sum + value, 0);
}

const items = Number(process.argv[2]);
await sumOf(BUSY_WARM_UP);
const start = performance.now();
const sum = await sumOf(items);
report(busyRun(items, performance.now() - start, sum));
await pool.destroy();
