/**
 * `Pool.map`: a function over a list, on all cores, the results in the order of the list.
 *
 *     fanjoin run examples/from-python/pool/map.ts --output -
 */
import { collect, defineJob, items } from "fanjoin";

/** How many steps the Collatz sequence takes from `n` to 1. */
function collatz(n: number): number {
  let steps = 0;
  for (let at = n; at !== 1; steps++) at = at % 2 === 0 ? at / 2 : 3 * at + 1;
  return steps;
}

export default defineJob({
  name: "collatz",
  input: items([27, 97, 871, 6171, 77_031, 837_799]),
  process: collatz,
  join: collect(),
});
