/** A bare loop: `node bare-cpu.ts <items>`. */
import { busy, busyRun, BUSY_WARM_UP } from "./busy.ts";
import { report } from "./outcome.ts";

function sumOf(items: number): number {
  let sum = 0;
  for (let item = 0; item < items; item++) sum += busy(item);
  return sum;
}

const items = Number(process.argv[2]);
sumOf(BUSY_WARM_UP);
const start = performance.now();
const sum = sumOf(items);
report(busyRun(items, performance.now() - start, sum));
