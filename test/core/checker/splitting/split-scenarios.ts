/** Small worlds in which the time is up in chunks and parts. Each is explored in full. */
import { world } from "../world/world-of.ts";
import type { Scenario } from "../scenarios.ts";
import type { Budget, World } from "../world/world.ts";

/** A chunk of two or three units, or two chunks of two. */
const ONE_OF = (units: number): Partial<World> => ({ units, planners: [{ chunks: 1, size: units }] });
const TWO_OF_TWO: Partial<World> = { units: 4, planners: [{ chunks: 9, size: 2 }] };
const BUNDLED: Partial<World> = { ...TWO_OF_TWO, bundle: 2 };

function quick(name: string, changes: Partial<World>, faults: Partial<Budget>): Scenario {
  return { name, world: world(changes.units ?? 0, changes, faults), quick: true };
}

function long(name: string, changes: Partial<World>, faults: Partial<Budget>): Scenario {
  return { ...quick(name, changes, faults), quick: false };
}

export const SPLIT_SCENARIOS: readonly Scenario[] = [
  quick("a chunk of 3, a split", ONE_OF(3), { timeUp: 1 }),
  quick("a chunk of 3, two splits", ONE_OF(3), { timeUp: 2 }),
  quick("a chunk of 2, a split and a crash", ONE_OF(2), { timeUp: 1, crash: 1 }),
  quick("a chunk of 2, a split and a duplicate", ONE_OF(2), { timeUp: 1, duplicate: 1 }),
  quick("a chunk of 2, a split and a cancel", ONE_OF(2), { timeUp: 1, cancel: 1 }),
  quick("a chunk of 2, a split and a lost reply", ONE_OF(2), { timeUp: 1, lostReply: 1 }),
  quick("a chunk of 2, a split and a dead letter", ONE_OF(2), { timeUp: 1, deadLetter: 1 }),
  quick("a chunk of 2, a split and a lost message", { ...ONE_OF(2), sweeps: true }, { timeUp: 1, lost: 1 }),
  quick("2 chunks of 2 in bundles, a split", BUNDLED, { timeUp: 1 }),
  quick("a failing item, a split, a redrive", { ...ONE_OF(2), fails: { 1: 1 } }, { timeUp: 1, redrive: 1 }),
  quick(
    "a failing item, a part that waits, a redrive",
    { ...ONE_OF(2), fails: { 1: 1 } },
    { timeUp: 2, redrive: 1 },
  ),
  quick(
    "two failing items, a redrive that is cut",
    { ...ONE_OF(2), fails: { 0: 1, 1: 1 } },
    { timeUp: 1, redrive: 1 },
  ),
  quick(
    "two failing items, a redrive that is cut and whose parts wait",
    { ...ONE_OF(2), fails: { 0: 1, 1: 1 } },
    { timeUp: 2, redrive: 1 },
  ),
  long("a chunk of 3, a split and a crash", ONE_OF(3), { timeUp: 1, crash: 1 }),
  long("a chunk of 3, two splits and a crash", ONE_OF(3), { timeUp: 2, crash: 1 }),
  long("a chunk of 3, two splits and a duplicate", ONE_OF(3), { timeUp: 2, duplicate: 1 }),
  long("a chunk of 3, two splits and a lost reply", ONE_OF(3), { timeUp: 2, lostReply: 1 }),
  long("a chunk of 3, a split and a cancel", ONE_OF(3), { timeUp: 1, cancel: 1 }),
  long("a chunk of 3, two splits and a cancel", ONE_OF(3), { timeUp: 2, cancel: 1 }),
  long("a chunk of 3, two splits and a dead letter", ONE_OF(3), { timeUp: 2, deadLetter: 1 }),
  long("a chunk of 4, three splits", ONE_OF(4), { timeUp: 3 }),
  long("a chunk of 2, a split, a cancel and a crash", ONE_OF(2), { timeUp: 1, cancel: 1, crash: 1 }),
  long(
    "a chunk of 2, a split, torn reads, a duplicate",
    { ...ONE_OF(2), tornReads: "backwards" },
    { timeUp: 1, duplicate: 1 },
  ),
  long("2 chunks of 2, a split and a crash", TWO_OF_TWO, { timeUp: 1, crash: 1 }),
  long("2 chunks of 2, two splits and a cancel", TWO_OF_TWO, { timeUp: 2, cancel: 1 }),
  long("2 chunks of 2 in bundles, two splits", BUNDLED, { timeUp: 2 }),
  long("2 chunks of 2 in bundles, a split and a duplicate", BUNDLED, { timeUp: 1, duplicate: 1 }),
  long("2 chunks of 2 in bundles, a split and a crash", BUNDLED, { timeUp: 1, crash: 1 }),
  long(
    "a chunk of 2 that leaves nothing, a split and a crash",
    { ...ONE_OF(2), keeps: false },
    { timeUp: 1, crash: 1 },
  ),
  long(
    "a chunk of 3 that leaves nothing, a split, a cancel",
    { ...ONE_OF(3), keeps: false },
    { timeUp: 1, cancel: 1 },
  ),
  long("a chunk of 3, a split, a lost message", { ...ONE_OF(3), sweeps: true }, { timeUp: 1, lost: 1 }),
  long("a chunk of 2, a split, a cancel, a redrive", ONE_OF(2), { timeUp: 1, cancel: 1, redrive: 1 }),
  long("a chunk of 3, a split, a cancel, a redrive", ONE_OF(3), { timeUp: 1, cancel: 1, redrive: 1 }),
  long("a chunk of 3, a split, a dead letter, a redrive", ONE_OF(3), {
    timeUp: 1,
    deadLetter: 1,
    redrive: 1,
  }),
  long(
    "a chunk of 3, two splits, a redrive",
    { ...ONE_OF(3), fails: { 1: 1, 2: 1 } },
    { timeUp: 2, redrive: 1 },
  ),
  long(
    "a failing item, a split, a redrive, a duplicate",
    { ...ONE_OF(2), fails: { 1: 1 } },
    { timeUp: 1, redrive: 1, duplicate: 1 },
  ),
  long(
    "a failing item, a split, a redrive, a cancel",
    { ...ONE_OF(2), fails: { 1: 1 } },
    { timeUp: 1, redrive: 1, cancel: 1 },
  ),
  long(
    "a failing item, a split, a redrive, a crash",
    { ...ONE_OF(2), fails: { 1: 1 } },
    { timeUp: 1, redrive: 1, crash: 1 },
  ),
  long(
    "a failing item, a split, a redrive, a dead letter",
    { ...ONE_OF(2), fails: { 0: 1, 1: 1 } },
    { timeUp: 1, redrive: 1, deadLetter: 1 },
  ),
  long(
    "a failing item, a split, a redrive, a lost message",
    { ...ONE_OF(2), fails: { 1: 1 }, sweeps: true },
    { timeUp: 1, redrive: 1, lost: 1 },
  ),
  long(
    "two failing items, a redrive that is cut, a duplicate",
    { ...ONE_OF(2), fails: { 0: 1, 1: 1 } },
    { timeUp: 1, redrive: 1, duplicate: 1 },
  ),
  long(
    "two failing items, a redrive that is cut, a lost reply",
    { ...ONE_OF(2), fails: { 0: 1, 1: 1 } },
    { timeUp: 1, redrive: 1, lostReply: 1 },
  ),
  long(
    "two failing items, a redrive that is cut, a cancel",
    { ...ONE_OF(2), fails: { 0: 1, 1: 1 } },
    { timeUp: 1, redrive: 1, cancel: 1 },
  ),
  long(
    "two of three items fail, one of them twice, two redrives that are cut",
    { ...ONE_OF(3), fails: { 0: 1, 2: 2 } },
    { timeUp: 2, redrive: 2 },
  ),
  long("a failing item, a split, two redrives", { ...ONE_OF(2), fails: { 1: 2 } }, { timeUp: 1, redrive: 2 }),
];
