/**
 * fanjoin: `node fanjoin-latency.ts <batches> <full|normal>`: batches of 1 and of 100 no-op chunks, one after
 * the other in one engine.
 */
import { fileURLToPath } from "node:url";
import { integers, openBench } from "./engine.ts";
import { latencyRun } from "./latencies.ts";
import { report } from "./outcome.ts";

const [, , batches, synchronous] = process.argv;
const bench = await openBench(
  fileURLToPath(import.meta.resolve("../jobs/noop.ts")),
  synchronous === "normal" ? "normal" : "full",
);
let batch = 0;
const run = await latencyRun(Number(batches), async (chunks) => {
  const { ms, result } = await bench.run(`01BENCH${batch++}`, [integers(chunks)], 1);
  return { ms, sum: Number(result) };
});
report(run);
await bench.close();
