/** fanjoin: `node fanjoin-limit.ts <calls per second>`: two threads of the embedded engine. */
import { fileURLToPath } from "node:url";
import { integers, openBench } from "./engine.ts";
import { SECONDS, limitedRun } from "./limited-calls.ts";
import { report } from "./outcome.ts";

const perSecond = Number(process.argv[2]);
process.env["BENCH_PER_SECOND"] = String(perSecond);
const bench = await openBench(fileURLToPath(import.meta.resolve("../jobs/limited.ts")), "full");
const { result } = await bench.run("01BENCH", [integers(perSecond * SECONDS)], null);
report(limitedRun(perSecond, result as number[], null));
await bench.close();
