/**
 * The computing of `bench cpu`: integer arithmetic that every item takes equally long for, whatever its
 * number.
 */
import type { Run } from "../contestant.ts";

/** About a millisecond. */
const ROUNDS = 800;
const STEPS = 1000;
/** Items before the measured ones: the code is compiled. */
export const BUSY_WARM_UP = 600;

export function busy(item: number): number {
  let state = item;
  for (let round = 0; round < ROUNDS; round++) state = mixed(state);
  return state;
}

/**
 * Short, so that it is compiled as a whole: V8 compiles one long loop while it runs, and throws that away at
 * its end.
 */
function mixed(start: number): number {
  let state = start | 1;
  for (let step = 0; step < STEPS; step++) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
  return state >>> 1;
}

/** What a contestant reports; those that did all items have the same sum. */
export function busyRun(items: number, ms: number, sum: number): Run {
  return { figures: { ms, perSecond: (items / ms) * 1000 }, answer: String(sum) };
}
