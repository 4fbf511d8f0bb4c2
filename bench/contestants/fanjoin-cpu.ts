/**
 * fanjoin: `node fanjoin-cpu.ts <items> <threads>`: a range of CPU-bound items, from submitted to published.
 */
import { fileURLToPath } from "node:url";
import { busyRun, BUSY_WARM_UP } from "./busy.ts";
import { integers, openBench } from "./engine.ts";
import { report } from "./outcome.ts";

const [, , items = 0, threads = 2] = process.argv.map(Number);
const bench = await openBench(fileURLToPath(import.meta.resolve("../jobs/busy.ts")), "full", { threads });
await bench.run("01WARMUP", [integers(BUSY_WARM_UP)], null);
const { ms, result } = await bench.run("01BENCH", [integers(items)], null);
report(busyRun(items, ms, Number(result)));
await bench.close();
