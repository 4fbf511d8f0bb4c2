/**
 * `Process.exitcode`: an item that ends its process is one failed item, `ITEM_CRASHED`. The others are done.
 *
 *     fanjoin run examples/from-python/pool/exitcode.ts --output -
 */
import { collect, defineJob, range } from "fanjoin";

export default defineJob({
  name: "exit-code",
  input: range(4),
  process(n) {
    if (n === 2) process.exit(3);
    return n * 10;
  },
  join: collect(),
});
