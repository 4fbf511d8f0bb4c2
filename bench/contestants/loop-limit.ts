/**
 * A loop as in p-throttle or bottleneck: `node loop-limit.ts <calls per second>`: one process, and the next
 * call a period after the one before it, or at once if that is over.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { CALL_MS, LANES, SECONDS, callTime, limitedRun } from "./limited-calls.ts";
import { report } from "./outcome.ts";

const perSecond = Number(process.argv[2]);
const times: number[] = [];
let next = performance.now();
let left = perSecond * SECONDS;

async function lane(): Promise<void> {
  while (left-- > 0) {
    const at = Math.max(next, performance.now());
    next = at + 1000 / perSecond;
    const wait = at - performance.now();
    if (wait > 0) await sleep(wait);
    times.push(callTime());
    await sleep(CALL_MS);
  }
}

await Promise.all(Array.from({ length: 2 * LANES }, lane));
report(limitedRun(perSecond, times, null));
