/** Small worlds in which chunks are hedged. Each is explored in full. */
import type { Scenario } from "../scenarios.ts";
import { world } from "../world/world-of.ts";
import type { Budget, World } from "../world/world.ts";

const ONE_ENTRY: Partial<World> = { planners: [{ chunks: 9, size: 1 }] };
const ONE_OF = (units: number): Partial<World> => ({ planners: [{ chunks: 1, size: units }] });
const FAILS = { fails: { 0: 1 } };
const SWEEPS = { sweeps: true };

function quick(name: string, units: number, changes: Partial<World>, faults: Partial<Budget>): Scenario {
  return { name, world: world(units, changes, { hedge: 1, ...faults }), quick: true };
}

function long(name: string, units: number, changes: Partial<World>, faults: Partial<Budget>): Scenario {
  return { ...quick(name, units, changes, faults), quick: false };
}

export const HEDGES: readonly Scenario[] = [
  quick("1 chunk, a hedge", 1, {}, {}),
  quick("2 chunks, a hedge", 2, {}, {}),
  quick("1 chunk that leaves nothing, a hedge and a crash", 1, { keeps: false }, { crash: 1 }),
  quick("1 chunk, a hedge and a crash", 1, {}, { crash: 1 }),
  quick("1 chunk, a hedge and a duplicate", 1, {}, { duplicate: 1 }),
  quick("1 chunk, a hedge and a cancel", 1, {}, { cancel: 1 }),
  quick("1 chunk, a hedge and a lost reply", 1, {}, { lostReply: 1 }),
  quick("1 chunk, a hedge and a dead letter", 1, {}, { deadLetter: 1 }),
  quick("1 chunk, a hedge and a lost message", 1, SWEEPS, { lost: 1 }),
  quick("a chunk of 2, a hedge and a split", 2, ONE_OF(2), { timeUp: 1 }),
  quick("2 chunks in bundles, a hedge", 2, { ...ONE_ENTRY, bundle: 2 }, {}),
  quick("1 failing chunk, a hedge, a redrive", 1, FAILS, { redrive: 1 }),
  long("2 chunks, two hedges", 2, {}, { hedge: 2 }),
  long("3 chunks, two hedges", 3, ONE_ENTRY, { hedge: 2 }),
  long("1 chunk, a hedge, torn reads, a duplicate", 1, { tornReads: "backwards" }, { duplicate: 1 }),
  long("1 chunk, a hedge and two crashes", 1, {}, { crash: 2 }),
  long("1 chunk, a hedge, a crash and a dead letter", 1, {}, { crash: 1, deadLetter: 1 }),
  long("1 chunk, a hedge, a crash and a cancel", 1, {}, { crash: 1, cancel: 1 }),
  long("2 chunks, a hedge and a crash", 2, ONE_ENTRY, { crash: 1 }),
  long("2 chunks, a hedge and a cancel", 2, ONE_ENTRY, { cancel: 1 }),
  long("2 chunks, a hedge and a dead letter", 2, ONE_ENTRY, { deadLetter: 1 }),
  long("2 chunks in bundles, a hedge and a crash", 2, { ...ONE_ENTRY, bundle: 2 }, { crash: 1 }),
  long("2 chunks in bundles, a hedge and a dead letter", 2, { ...ONE_ENTRY, bundle: 2 }, { deadLetter: 1 }),
  long("a chunk of 2 in bundles, a hedge and a split", 2, { ...ONE_OF(2), bundle: 2 }, { timeUp: 1 }),
  long("a chunk of 3, a hedge and two splits", 3, ONE_OF(3), { timeUp: 2 }),
  long("a chunk of 2, a hedge, a split and a crash", 2, ONE_OF(2), { timeUp: 1, crash: 1 }),
  long("a chunk of 2, a hedge, a split and a cancel", 2, ONE_OF(2), { timeUp: 1, cancel: 1 }),
  long("a chunk of 2, a hedge, a split and a dead letter", 2, ONE_OF(2), { timeUp: 1, deadLetter: 1 }),
  long(
    "a failing item, a hedge, a split, a redrive",
    2,
    { ...ONE_OF(2), fails: { 1: 1 } },
    { timeUp: 1, redrive: 1 },
  ),
  long("1 failing chunk, a hedge, a redrive and a crash", 1, FAILS, { redrive: 1, crash: 1 }),
  long("1 failing chunk, a hedge, a redrive and a cancel", 1, FAILS, { redrive: 1, cancel: 1 }),
  long("1 failing chunk, a hedge, a redrive and a dead letter", 1, FAILS, { redrive: 1, deadLetter: 1 }),
  long("2 chunks, one fails, a hedge, a redrive", 2, { ...ONE_ENTRY, fails: { 1: 1 } }, { redrive: 1 }),
  long("1 chunk, a hedge, a cancel, a redrive", 1, {}, { cancel: 1, redrive: 1 }),
  long("1 chunk, a hedge and a pause", 1, {}, { pause: 1 }),
];
