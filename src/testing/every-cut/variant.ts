/** The ways in which one input is run: how it is cut, merged, repeated and ordered. */
import { FAN_IN } from "../../core/records/tree.ts";
import { chance } from "../../core/chance.ts";
import type { Chance } from "../../core/chance.ts";

export interface Variant {
  /** How many items each chunk has, in input order; 0: a chunk without a record. */
  readonly sizes: readonly number[];
  /** How many neighbours are merged at once. */
  readonly fanIn: number;
  /** In which order chunks and merges run: a number is the seed of a random one. */
  readonly order: "input" | "reversed" | number;
  /** Each attempt is made twice before it counts, and each message is delivered twice. */
  readonly twice: boolean;
  /** In a new evaluation of the job's module. */
  readonly fresh: boolean;
}

/** Up to this many items there are 512 cuts at most. Each is run alone, and with all else varied. */
const FEW_ITEMS = 10;
/** How many runs with all else varied a few items have at least. */
const LEAST_VARIED = 64;
/** How many cuts of more items are run: half of them alone, the others with all else varied. */
const SEEDED_CUTS = 500;
/** A seeded cut of many items has at most one chunk more. */
const MAX_CHUNKS = 32;
/** So many of the variants that begin with a new module are seeded: each needs a thread. */
const SEEDED_FRESH = 2;

/** As a loop over the input would do it. */
export function uncut(items: number): Variant {
  const sizes = items === 0 ? [] : [items];
  return { sizes, fanIn: FAN_IN, order: "input", twice: false, fresh: false };
}

/**
 * The first repeats the run that the others are compared with. Cuts alone come next: what they show is easier
 * to understand than what needs more.
 */
export function* variantsOf(items: number, seed: number): Generator<Variant> {
  yield uncut(items);
  if (items === 0) return;
  const random = chance(seed);
  const cuts = items <= FEW_ITEMS ? allCuts(items) : seededCuts(items, random);
  for (const sizes of cuts) yield plain(sizes);
  for (const sizes of cuts.slice(0, 2)) yield plain([0, ...sizes.flatMap((size) => [0, size]), 0]);
  const others = items <= FEW_ITEMS ? repeated(cuts, LEAST_VARIED) : seededCuts(items, random);
  for (const sizes of others) yield varied(sizes, random);
}

/** A few items have few cuts, and these have many other ways to be run. */
function repeated<T>(list: readonly T[], least: number): readonly T[] {
  const times = Math.ceil(least / list.length);
  return Array.from({ length: times }, () => list).flat();
}

function seededCuts(items: number, random: Chance): number[][] {
  return Array.from({ length: SEEDED_CUTS / 2 }, () => seededCut(items, random));
}

/** Variants for modules that have run nothing yet: another item comes first in each of them. */
export function freshVariantsOf(items: number, seed: number): Variant[] {
  if (items < 2) return [];
  const random = chance(seed + 1);
  const half = Math.floor(items / 2);
  const seeded = Array.from({ length: SEEDED_FRESH }, () => varied(seededCut(items, random), random));
  return [
    { ...plain([half, items - half]), order: "reversed", fresh: true },
    { ...plain([items - 1, 1]), order: "reversed", fresh: true },
    ...seeded.map((variant) => ({ ...variant, fresh: true })),
  ];
}

function plain(sizes: readonly number[]): Variant {
  return { ...uncut(0), sizes };
}

function varied(sizes: readonly number[], random: Chance): Variant {
  return {
    sizes: random.oneIn(2) ? sizes : withEmpty(sizes, random),
    fanIn: 2 + random.below(3),
    order: random.oneIn(4) ? "reversed" : random.below(2 ** 31),
    twice: random.oneIn(3),
    fresh: false,
  };
}

/** Some chunks hold no record: before, between and after the others, also two in a row. */
function withEmpty(sizes: readonly number[], random: Chance): number[] {
  return [...sizes, null].flatMap((size) => {
    const empty = random.oneIn(3) ? Array<number>(1 + random.below(2)).fill(0) : [];
    return size === null ? empty : [...empty, size];
  });
}

/** All ways to cut, those into few chunks first. */
function allCuts(items: number): number[][] {
  const masks = Array.from({ length: 2 ** (items - 1) }, (_, mask) => mask);
  return masks.map((mask) => cutAt(items, mask)).toSorted((one, other) => one.length - other.length);
}

/** Bit b of `mask`: there is a cut after item b. */
function cutAt(items: number, mask: number): number[] {
  const sizes: number[] = [];
  let size = 0;
  for (let item = 0; item < items; item++) {
    size++;
    if (item === items - 1 || (mask >> item) % 2 === 1) {
      sizes.push(size);
      size = 0;
    }
  }
  return sizes;
}

/**
 * Few or many chunks, small or large. Of a long input one chunk is what the others leave: small chunks show
 * more, and many of them take long.
 */
function seededCut(items: number, random: Chance): number[] {
  const most = Math.max(1, Math.ceil(items ** random.next()));
  const sizes: number[] = [];
  let left = items;
  while (left > 0 && sizes.length < MAX_CHUNKS) {
    const size = Math.min(left, 1 + random.below(most));
    sizes.push(size);
    left -= size;
  }
  return left === 0 ? sizes : sizes.toSpliced(random.below(sizes.length + 1), 0, left);
}
