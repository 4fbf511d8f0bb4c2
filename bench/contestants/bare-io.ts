/**
 * A bare pool: `node bare-io.ts <url> <items> <service>`: as many lanes as fanjoin has slots, each with one
 * request after the other.
 */
import type { Service } from "./answers.ts";
import { THREADS } from "./engine.ts";
import { report } from "./outcome.ts";
import { ask, inFlightOf, waitingRun, warmUpOf } from "./waiting.ts";

const [, , url = "", itemsText, serviceName] = process.argv;
const items = Number(itemsText);
const service = serviceName as Service;
const inFlight = THREADS * inFlightOf(service);

async function sumOf(count: number): Promise<number> {
  let next = 0;
  let sum = 0;
  async function lane(): Promise<void> {
    while (next < count) {
      const value = await ask(url, next++);
      sum += value;
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane));
  return sum;
}

await sumOf(warmUpOf(service));
const before = process.cpuUsage();
const start = performance.now();
const sum = await sumOf(items);
const ms = performance.now() - start;
report(waitingRun({ service, items, inFlight, ms, cpu: process.cpuUsage(before), sum }));
process.exit();
