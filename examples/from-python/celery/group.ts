/**
 * `group`: a task for each value, the results in the order of the values.
 *
 *     fanjoin run examples/from-python/celery/group.ts --output -
 */
import { collect, defineJob, range } from "fanjoin";

export default defineJob({
  name: "squares",
  input: range(10),
  process: (n) => n * n,
  join: collect(),
});
