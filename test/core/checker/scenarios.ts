/** Small worlds, each explored in full. */
import { PAUSES } from "./pausing/pausing-scenarios.ts";
import { world } from "./world/world-of.ts";
import type { World } from "./world/world.ts";

export interface Scenario {
  readonly name: string;
  readonly world: World;
  /** Explored by every test run. The others are explored by `npm run explore` only. */
  readonly quick: boolean;
}

const ONE_ENTRY = { planners: [{ chunks: 9, size: 1 }] };
const NOTHING_KEPT = { keeps: false };
const MERGES_GO_ON = { mergesAtOnce: 1 };
const ONE_AND_TWO = {
  planners: [
    { chunks: 1, size: 1 },
    { chunks: 2, size: 1 },
  ],
};
const SHORT_AND_LONG = {
  planners: [
    { chunks: 1, size: 1 },
    { chunks: 1, size: 2 },
  ],
};
const BREAKS = { planners: [{ chunks: 1, size: 1, broken: 2 }] };
const BREAKS_FOR_ONE = {
  planners: [
    { chunks: 1, size: 1, broken: 1 },
    { chunks: 1, size: 1 },
  ],
};

const quick = (name: string, explored: World): Scenario => ({ name, world: explored, quick: true });
const long = (name: string, explored: World): Scenario => ({ name, world: explored, quick: false });

export const SCENARIOS: readonly Scenario[] = [
  quick("an empty input, a crash, a cancel", world(0, {}, { crash: 1, cancel: 1 })),
  quick("4 chunks", world(4)),
  quick("5 chunks, three levels of nodes", world(5)),
  quick("5 chunks that leave nothing to merge", world(5, NOTHING_KEPT)),
  quick("5 chunks, merges that go on", world(5, MERGES_GO_ON)),
  quick("2 chunks, merges that go on, a duplicate", world(2, MERGES_GO_ON, { duplicate: 1 })),
  quick("3 chunks, a crash", world(3, {}, { crash: 1 })),
  quick("3 chunks that leave nothing to merge, a crash", world(3, NOTHING_KEPT, { crash: 1 })),
  quick("2 chunks, two crashes", world(2, {}, { crash: 2 })),
  quick("3 chunks, a duplicate", world(3, {}, { duplicate: 1 })),
  quick("3 chunks in bundles, a duplicate", world(3, { ...ONE_ENTRY, bundle: 2 }, { duplicate: 1 })),
  quick("4 chunks in bundles", world(4, { ...ONE_ENTRY, bundle: 2 })),
  quick("3 chunks, a lost reply", world(3, {}, { lostReply: 1 })),
  quick("3 chunks, one given up", world(3, {}, { deadLetter: 1 })),
  quick("2 chunks, a cancel", world(2, {}, { cancel: 1 })),
  quick("2 chunks, enough", world(2, { ends: "enough" }, { cancel: 1 })),
  quick("1 chunk, enough, a redrive", world(1, { ends: "enough" }, { cancel: 1, redrive: 1 })),
  quick("1 chunk, a cancel and a crash", world(1, {}, { cancel: 1, crash: 1 })),
  quick("2 chunks, torn reads, a duplicate", world(2, { tornReads: "backwards" }, { duplicate: 1 })),
  quick("2 units, planners that cut one and two at a time", world(2, { ...ONE_AND_TWO, ...NOTHING_KEPT })),
  quick("2 units, planners that cut short and long", world(2, SHORT_AND_LONG)),
  quick("an input that breaks after 2 of 3 units", world(3, BREAKS)),
  quick("1 failing chunk, a redrive", world(1, { fails: { 0: 1 } }, { redrive: 1 })),
  quick("2 chunks, one fails, a redrive", world(2, { fails: { 1: 1 } }, { redrive: 1 })),
  quick("3 chunks, one fails, a redrive", world(3, { fails: { 1: 1 } }, { redrive: 1 })),
  quick("nothing fails, a redrive", world(3, {}, { redrive: 1 })),
  quick("1 chunk, a redrive and a crash", world(1, { fails: { 0: 1 } }, { redrive: 1, crash: 1 })),
  quick("1 chunk, a redrive and a duplicate", world(1, { fails: { 0: 1 } }, { redrive: 1, duplicate: 1 })),
  quick("1 chunk, a redrive and a cancel", world(1, { fails: { 0: 1 } }, { redrive: 1, cancel: 1 })),
  quick("5 chunks, two fail, a redrive", world(5, { fails: { 1: 1, 4: 1 } }, { redrive: 1 })),
  quick("1 chunk that fails twice, two redrives", world(1, { fails: { 0: 2 } }, { redrive: 2 })),
  quick("1 chunk that is given up, a redrive", world(1, {}, { deadLetter: 1, redrive: 1 })),
  quick("1 chunk, a cancel, a redrive that plans on", world(1, {}, { cancel: 1, redrive: 1 })),
  quick("2 chunks, a lost message", world(2, { sweeps: true }, { lost: 1 })),
  quick("an empty input, a lost message, a cancel", world(0, { sweeps: true }, { lost: 1, cancel: 1 })),
  quick("1 chunk, a command that dies", world(1, { sweeps: true }, { crash: 1, cancel: 1 })),
  long(
    "3 chunks, two fail, one of them twice, two redrives",
    world(3, { fails: { 0: 1, 1: 2 } }, { redrive: 2 }),
  ),
  long("2 chunks, a redrive and a crash", world(2, { fails: { 1: 1 } }, { redrive: 1, crash: 1 })),
  long("2 chunks, a redrive and a duplicate", world(2, { fails: { 1: 1 } }, { redrive: 1, duplicate: 1 })),
  long("2 chunks, a redrive and a lost reply", world(2, { fails: { 0: 1 } }, { redrive: 1, lostReply: 1 })),
  long("2 chunks, a redrive and a cancel", world(2, { fails: { 0: 1 } }, { redrive: 1, cancel: 1 })),
  long("1 chunk, two redrives and a cancel", world(1, { fails: { 0: 1 } }, { redrive: 2, cancel: 1 })),
  long(
    "2 chunks in bundles, a redrive and a duplicate",
    world(2, { ...ONE_ENTRY, bundle: 2, fails: { 0: 1, 1: 1 } }, { redrive: 1, duplicate: 1 }),
  ),
  long(
    "2 chunks, torn reads, a redrive",
    world(2, { tornReads: "backwards", fails: { 1: 1 } }, { redrive: 1 }),
  ),
  long("2 chunks, a cancel, a redrive that plans on", world(2, {}, { cancel: 1, redrive: 1 })),
  long(
    "2 chunks, a cancel, a redrive of some items",
    world(2, { plansOn: false }, { cancel: 1, redrive: 1 }),
  ),
  long("3 chunks, a lost message", world(3, { sweeps: true }, { lost: 1 })),
  long("5 chunks, a lost message", world(5, { sweeps: true }, { lost: 1 })),
  long(
    "5 chunks that leave nothing, a lost message",
    world(5, { sweeps: true, ...NOTHING_KEPT }, { lost: 1 }),
  ),
  long(
    "1 failing chunk, a redrive, a lost message",
    world(1, { sweeps: true, fails: { 0: 1 } }, { redrive: 1, lost: 1 }),
  ),
  long(
    "1 chunk, a redrive whose command dies",
    world(1, { sweeps: true, fails: { 0: 1 } }, { redrive: 1, crash: 1 }),
  ),
  long("2 chunks, one given up, a redrive", world(2, {}, { deadLetter: 1, redrive: 1 })),
  long("2 chunks, merges that go on, a crash", world(2, MERGES_GO_ON, { crash: 1 })),
  long("2 chunks, merges that go on, a cancel", world(2, MERGES_GO_ON, { cancel: 1 })),
  long("3 chunks, merges that go on, a duplicate", world(3, MERGES_GO_ON, { duplicate: 1 })),
  long(
    "1 failing chunk, merges that go on, a redrive",
    world(1, { ...MERGES_GO_ON, fails: { 0: 1 } }, { redrive: 1 }),
  ),
  long("2 chunks, a cancel and a crash", world(2, {}, { cancel: 1, crash: 1 })),
  long(
    "2 chunks that leave nothing to merge, a cancel and a crash",
    world(2, NOTHING_KEPT, { cancel: 1, crash: 1 }),
  ),
  long("2 chunks, a cancel and a duplicate", world(2, {}, { cancel: 1, duplicate: 1 })),
  long("2 chunks, a cancel and a lost reply", world(2, {}, { cancel: 1, lostReply: 1 })),
  long("3 chunks in one entry, a cancel", world(3, ONE_ENTRY, { cancel: 1 })),
  long("3 chunks in one entry, a crash", world(3, ONE_ENTRY, { crash: 1 })),
  long(
    "3 chunks that leave nothing to merge, a crash and a duplicate",
    world(3, NOTHING_KEPT, { crash: 1, duplicate: 1 }),
  ),
  long(
    "3 chunks that leave nothing to merge, a crash and a lost reply",
    world(3, NOTHING_KEPT, { crash: 1, lostReply: 1 }),
  ),
  long("4 chunks, a crash", world(4, {}, { crash: 1 })),
  long("1 chunk, a cancel, a crash and a duplicate", world(1, {}, { cancel: 1, crash: 1, duplicate: 1 })),
  long("2 chunks, torn reads, a cancel", world(2, { tornReads: "forwards" }, { cancel: 1 })),
  long("2 chunks, torn reads backwards, a cancel", world(2, { tornReads: "backwards" }, { cancel: 1 })),
  long("2 units, planners that cut one and two at a time", world(2, ONE_AND_TWO)),
  long("1 unit, two planners, a cancel", world(1, ONE_AND_TWO, { cancel: 1 })),
  long("1 unit, two planners, a crash", world(1, ONE_AND_TWO, { crash: 1 })),
  long(
    "2 units, planners that cut short and long, a crash",
    world(2, { ...SHORT_AND_LONG, ...NOTHING_KEPT }, { crash: 1 }),
  ),
  long("an input that breaks for one planner only", world(2, BREAKS_FOR_ONE)),
  ...PAUSES,
];
