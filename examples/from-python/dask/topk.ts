/**
 * `topk`: a fold that keeps three. The parts that are merged have three items each, however large the input.
 *
 *     fanjoin run examples/from-python/dask/topk.ts --output -
 */
import { defineJob, fold, range } from "fanjoin";

const largest = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => b - a).slice(0, 3);

export default defineJob({
  name: "largest-remainders",
  input: range(1000),
  process: (n) => (n * n) % 997,
  join: fold({
    init: (): number[] => [],
    add: (top, n) => largest([...top, n]),
    merge: (left, right) => largest([...left, ...right]),
  }),
});
