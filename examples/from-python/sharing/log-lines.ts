/**
 * `logging` from many processes: `ctx.log` and `console` of all threads go to standard error, and every line
 * is whole. Fields say what a message is about.
 *
 *     fanjoin run examples/from-python/sharing/log-lines.ts --output -
 */
import { defineJob, range, sum } from "fanjoin";

export default defineJob({
  name: "log-lines",
  input: range(4),
  process(n, { log }) {
    if (n === 3) log.warn("a large one", { n });
    return n;
  },
  join: sum(),
});
