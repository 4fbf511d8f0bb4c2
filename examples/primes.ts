/**
 * How many primes are there below ten million? The job only computes, and uses every core.
 *
 *     fanjoin run examples/primes.ts
 */
import { defineJob, range, sum } from "fanjoin";

/** An item is a block of this many numbers, so that it is enough work to be worth sending to a worker. */
const BLOCK = 10_000;

function isPrime(n: number): boolean {
  if (n < 4) return n > 1;
  if (n % 2 === 0 || n % 3 === 0) return false;
  for (let divisor = 5; divisor * divisor <= n; divisor += 6) {
    if (n % divisor === 0 || n % (divisor + 2) === 0) return false;
  }
  return true;
}

export default defineJob({
  name: "primes",
  input: range(1000),
  process(block) {
    let primes = 0;
    for (let n = block * BLOCK; n < (block + 1) * BLOCK; n++) {
      if (isPrime(n)) primes += 1;
    }
    return primes;
  },
  join: sum(), // 664,579
});
