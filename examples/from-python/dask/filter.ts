/**
 * `filter`, `map`, `to_textfiles`: `drop` leaves an item out, `collect` writes one file, in input order.
 *
 *     fanjoin run examples/from-python/dask/filter.ts examples/from-python/data/texts --output -
 */
import { collect, defineJob, drop, lines } from "fanjoin";

export default defineJob({
  name: "lines-with-cats",
  input: lines(),
  process: (line) => (line.includes("cat") ? line.toUpperCase() : drop),
  join: collect(),
});
