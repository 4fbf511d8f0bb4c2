/** fanjoin: `node fanjoin-tail.ts`: a batch whose last chunk is slow, from submitted to published. */
import { fileURLToPath } from "node:url";
import { CHUNK_ITEMS, ITEMS, LONG_MS, SHORT_MS } from "../jobs/skewed.ts";
import { integers, openBench, THREADS } from "./engine.ts";
import { report } from "./outcome.ts";

const bench = await openBench(fileURLToPath(import.meta.resolve("../jobs/skewed.ts")), "full");
await bench.run("01WARMUP", [integers(CHUNK_ITEMS * THREADS)], CHUNK_ITEMS);
const before = process.cpuUsage();
const { ms, result } = await bench.run("01BENCH", [integers(ITEMS)], CHUNK_ITEMS);
const { user, system } = process.cpuUsage(before);
const idealMs = ((ITEMS - CHUNK_ITEMS) * SHORT_MS + CHUNK_ITEMS * LONG_MS) / THREADS;
report({
  figures: { ms, cpuMs: (user + system) / 1000, ofIdeal: (idealMs / ms) * 100 },
  answer: Number(result) === (ITEMS * (ITEMS - 1)) / 2 ? "every item once" : JSON.stringify(result),
});
await bench.close();
