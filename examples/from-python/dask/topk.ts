/**
 * `topk`: the join `top`. The parts that are merged have three items each, however large the input.
 *
 *     fanjoin run examples/from-python/dask/topk.ts --output -
 */
import { defineJob, range, top } from "fanjoin";

export default defineJob({
  name: "largest-remainders",
  input: range(1000),
  process: (n) => (n * n) % 997,
  join: top(3),
});
