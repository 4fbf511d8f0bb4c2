/**
 * How many numbers below a million read the same from both ends? Every item is a block of numbers, enough
 * work to be worth sending to another thread.
 *
 *     npm start
 */
import { defineJob, range, sum } from "fanjoin";

const BLOCK = 10_000;

export function isPalindrome(n: number): boolean {
  const digits = String(n).split("");
  return digits.every((digit, at) => digit === digits.at(-1 - at));
}

export default defineJob({
  name: "palindromes",
  input: range(100),
  process(block) {
    let found = 0;
    for (let n = block * BLOCK; n < (block + 1) * BLOCK; n++) if (isPalindrome(n)) found++;
    return found;
  },
  join: sum(), // 1,999
});
