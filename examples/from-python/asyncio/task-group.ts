/**
 * `TaskGroup`: the first failure ends the whole. The exit code is 3.
 *
 *     fanjoin run examples/from-python/asyncio/task-group.ts
 */
import { collect, defineJob, items } from "fanjoin";

export default defineJob({
  name: "task-group",
  input: items([3, 0, 5, 2]),
  failFast: true,
  process(n) {
    if (n === 0) throw new RangeError("division by zero");
    return 60 / n;
  },
  join: collect(),
});
