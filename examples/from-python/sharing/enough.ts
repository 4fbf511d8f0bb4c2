/**
 * An `Event` that stops all workers when enough is found: `enough` ends the batch as succeeded, with what is
 * done by then.
 *
 *     fanjoin run examples/from-python/sharing/enough.ts --output -
 */
import { defineJob, max, range } from "fanjoin";

export default defineJob({
  name: "enough",
  input: range(1_000_000),
  enough: { items: 100 },
  process: (n) => (n * n) % 7,
  join: max(),
});
