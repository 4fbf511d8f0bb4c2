/** Small worlds with pauses, each explored in full. */
import type { Scenario } from "../scenarios.ts";
import { world } from "../world/world-of.ts";

const quick = (name: string, explored: Scenario["world"]): Scenario => ({
  name,
  world: explored,
  quick: true,
});
const long = (name: string, explored: Scenario["world"]): Scenario => ({
  ...quick(name, explored),
  quick: false,
});

const ONE_ENTRY = { planners: [{ chunks: 9, size: 1 }] };
const SWEEPS = { sweeps: true };
const OF_TWO = { planners: [{ chunks: 1, size: 2 }] };
const FIRST_FAILS = { fails: { 0: 1 } };

export const PAUSES: readonly Scenario[] = [
  quick("an empty input, a pause", world(0, {}, { pause: 1 })),
  long("an empty input, a pause and a cancel", world(0, {}, { pause: 1, cancel: 1 })),
  long("an empty input, a pause whose commands may die", world(0, SWEEPS, { pause: 1, crash: 1 })),
  long("1 chunk, a pause", world(1, {}, { pause: 1 })),
  long("1 chunk, a pause and a cancel", world(1, {}, { pause: 1, cancel: 1 })),
  long("1 chunk, a pause and a lost message", world(1, SWEEPS, { pause: 1, lost: 1 })),
  long("1 failing chunk, a pause, a redrive", world(1, FIRST_FAILS, { pause: 1, redrive: 1 })),
  long("a chunk of 2, a pause and a split", world(2, OF_TWO, { pause: 1, timeUp: 1 })),
  long("2 chunks in one entry, a pause", world(2, ONE_ENTRY, { pause: 1 })),
];
