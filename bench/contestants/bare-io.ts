/**
 * A bare pool: `node bare-io.ts <url> <items>`: as many lanes as fanjoin has places, each with one request
 * after the other.
 */
import { report } from "./outcome.ts";
import { ask, IN_FLIGHT, waitingRun, WAITING_WARM_UP } from "./waiting.ts";

const LANES = 2 * IN_FLIGHT;
const [, , url = "", itemsText] = process.argv;
const items = Number(itemsText);

async function sumOf(count: number): Promise<number> {
  let next = 0;
  let sum = 0;
  async function lane(): Promise<void> {
    while (next < count) {
      const value = await ask(url, next++);
      sum += value;
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane));
  return sum;
}

await sumOf(WAITING_WARM_UP);
const before = process.cpuUsage();
const start = performance.now();
const sum = await sumOf(items);
report(waitingRun(items, LANES, performance.now() - start, process.cpuUsage(before), sum));
process.exit();
