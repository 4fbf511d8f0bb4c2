/**
 * `gather(…, return_exceptions=True)`: an item that throws is one failed item, the others go on. The failed
 * ones are not among the outputs: `fanjoin failed` lists them, `fanjoin redrive` runs them again.
 *
 *     fanjoin run examples/from-python/asyncio/gather.ts --output -
 */
import { setTimeout as sleep } from "node:timers/promises";
import { collect, defineJob, items } from "fanjoin";

export default defineJob({
  name: "gather",
  input: items([3, 0, 5, 2]),
  concurrency: 100,
  async process(n, { signal }) {
    await sleep(10 * n, undefined, { signal });
    if (n === 0) throw new RangeError("division by zero"); // not tried again: a programming error
    return 60 / n;
  },
  join: collect(),
});
