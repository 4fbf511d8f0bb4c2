/**
 * `Pool.map` and `functools.reduce`: the join adds up what `process` returns. No process holds the list.
 *
 *     fanjoin run examples/from-python/pool/map-reduce.ts --output -
 */
import { defineJob, range, sum } from "fanjoin";

const BLOCK = 1000;

function isPrime(n: number): boolean {
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return n > 1;
}

export default defineJob({
  name: "count-primes",
  input: range(50),
  process(block) {
    let primes = 0;
    for (let n = block * BLOCK; n < (block + 1) * BLOCK; n++) if (isPrime(n)) primes++;
    return primes;
  },
  join: sum(),
});
