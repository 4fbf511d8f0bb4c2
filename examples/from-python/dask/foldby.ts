/**
 * `foldby`: a fold for each key.
 *
 *     fanjoin run examples/from-python/dask/foldby.ts --output -
 */
import { defineJob, range } from "fanjoin";

export default defineJob({
  name: "by-last-digit",
  input: range(100),
  process: (n) => n,
  join: (j) => j.groupBy((n) => n % 3, { n: j.count(), sum: j.sum() }),
});
