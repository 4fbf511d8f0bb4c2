/**
 * `Pool.starmap`: an item is a list of arguments.
 *
 *     fanjoin run examples/from-python/pool/starmap.ts --output -
 */
import { collect, defineJob, items } from "fanjoin";

export default defineJob({
  name: "powers",
  input: items<[base: number, exponent: number]>([
    [2, 5],
    [3, 2],
    [10, 3],
  ]),
  process: ([base, exponent]) => base ** exponent,
  join: collect(),
});
