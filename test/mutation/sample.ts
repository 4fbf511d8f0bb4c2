import { chance } from "../../src/core/chance.ts";

/**
 * `size` of the `all`, or all if there are fewer; the same for the same seed. The first steps of a
 * Fisher–Yates shuffle.
 */
export function sample<Value>(all: readonly Value[], size: number, seed: number): Value[] {
  const random = chance(seed);
  const shuffled = [...all];
  const taken = Math.min(size, shuffled.length);
  for (let place = 0; place < taken; place++) {
    const other = place + random.below(shuffled.length - place);
    [shuffled[place], shuffled[other]] = [shuffled[other] as Value, shuffled[place] as Value];
  }
  return shuffled.slice(0, taken);
}
