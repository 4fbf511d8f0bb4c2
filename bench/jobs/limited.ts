/** Calls under a rate limit, which is in the environment. Each item's value is when its call began. */
import { setTimeout as sleep } from "node:timers/promises";
import { defineJob, fold, range } from "fanjoin";
import { CALL_MS, LANES, callTime } from "../contestants/limited-calls.ts";

const perSecond = Number(process.env["BENCH_PER_SECOND"] ?? 50);
export default defineJob({
  name: "limited",
  input: range(0),
  concurrency: LANES,
  rateLimit: { perSecond },
  async process() {
    const time = callTime();
    await sleep(CALL_MS);
    return time;
  },
  join: fold<number, number[]>({
    init: () => [],
    add: (all, time) => (all.push(time), all),
    merge: (left, right) => [...left, ...right],
  }),
});
