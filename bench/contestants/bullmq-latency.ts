/**
 * BullMQ: `node bullmq-latency.ts <batches> <its node_modules>`: flows of 1 and of 100 children, one after
 * the other.
 */
import { openFlows } from "./bullmq-flow.ts";
import { latencyRun } from "./latencies.ts";
import { report } from "./outcome.ts";

const [, , batches, modules = ""] = process.argv;
const flows = await openFlows(modules);
const run = await latencyRun(Number(batches), async (chunks) => {
  const start = performance.now();
  const sum = await flows.sumOf(chunks);
  return { ms: performance.now() - start, sum };
});
report(run);
await flows.close();
process.exit();
