/**
 * `wait_for`: a limit for one try of one item. `signal` fires when the time is up, so that the call stops.
 *
 *     fanjoin run examples/from-python/asyncio/wait-for.ts --output -
 */
import { setTimeout as sleep } from "node:timers/promises";
import { collect, defineJob, items } from "fanjoin";

export default defineJob({
  name: "wait-for",
  input: items([1, 600_000, 2]),
  concurrency: 3,
  itemTimeoutMs: 300,
  retries: 0, // a timeout is tried again, if there are retries
  async process(ms, { signal }) {
    await sleep(ms, undefined, { signal });
    return ms;
  },
  join: collect(),
});
