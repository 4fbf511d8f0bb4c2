/**
 * fanjoin: `node fanjoin-io.ts <url> <items> <service>`: a range of items that wait for a server, from
 * submitted to published.
 */
import { fileURLToPath } from "node:url";
import type { Service } from "./answers.ts";
import { integers, openBench, THREADS } from "./engine.ts";
import { report } from "./outcome.ts";
import { inFlightOf, waitingRun, warmUpOf } from "./waiting.ts";

const [, , url = "", itemsText, serviceName] = process.argv;
const items = Number(itemsText);
const service = serviceName as Service;
const jobName = service === "flaky" ? "waits-few" : "waits";
const bench = await openBench(fileURLToPath(import.meta.resolve(`../jobs/${jobName}.ts`)), "full", {
  params: { url },
});
await bench.run("01WARMUP", [integers(warmUpOf(service))], null);
const before = process.cpuUsage();
const { ms, result } = await bench.run("01BENCH", [integers(items)], null);
const inFlight = THREADS * inFlightOf(service);
report(waitingRun({ service, items, inFlight, ms, cpu: process.cpuUsage(before), sum: Number(result) }));
await bench.close();
