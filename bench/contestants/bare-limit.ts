/** A bare pool: `node bare-limit.ts <calls per second>`: lanes of promises, and nothing that limits them. */
import { setTimeout as sleep } from "node:timers/promises";
import { CALL_MS, LANES, SECONDS, callTime, limitedRun } from "./limited-calls.ts";
import { report } from "./outcome.ts";

const perSecond = Number(process.argv[2]);
const times: number[] = [];
let left = perSecond * SECONDS;

async function lane(): Promise<void> {
  while (left-- > 0) {
    times.push(callTime());
    await sleep(CALL_MS);
  }
}

await Promise.all(Array.from({ length: 2 * LANES }, lane));
report(limitedRun(perSecond, times, null));
