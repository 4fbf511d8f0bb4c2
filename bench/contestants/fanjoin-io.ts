/**
 * fanjoin: `node fanjoin-io.ts <url> <items>`: a range of items that wait for a server, from submitted to
 * published.
 */
import { fileURLToPath } from "node:url";
import { integers, openBench, THREADS } from "./engine.ts";
import { report } from "./outcome.ts";
import { IN_FLIGHT, waitingRun, WAITING_WARM_UP } from "./waiting.ts";

const [, , url = "", itemsText] = process.argv;
const items = Number(itemsText);
const bench = await openBench(fileURLToPath(import.meta.resolve("../jobs/waits.ts")), "full", {
  params: { url },
});
await bench.run("01WARMUP", [integers(WAITING_WARM_UP)], null);
const before = process.cpuUsage();
const { ms, result } = await bench.run("01BENCH", [integers(items)], null);
report(waitingRun(items, IN_FLIGHT * THREADS, ms, process.cpuUsage(before), Number(result)));
await bench.close();
