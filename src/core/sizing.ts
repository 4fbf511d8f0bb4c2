/** How large the next chunks should be: small at first, so that work starts at once, then about a second of work each. */

/** What settled chunks took: `units` of the reader's measure in `ms` of processing. */
export interface Pace {
  readonly units: number;
  readonly ms: number;
}

export interface SizeBounds {
  /** What sizes are measured in. */
  readonly unit: "bytes" | "items";
  /** Given by the user; `null` = learned. */
  readonly items: number | null;
  readonly bytes: number | null;
  /** Items of a chunk that are processed at the same time. */
  readonly concurrency: number;
  /** What is not planned yet; `null` = unknown. */
  readonly left: number | null;
}

export interface NextChunks {
  /** How many chunks to plan in the next entry, at most. */
  readonly count: number;
  readonly bytes: number;
  readonly items: number | null;
}

/** What a chunk should take. */
const TARGET_MS = 1000;
const FIRST = { bytes: 256 * 1024, items: 1 };
const LEAST = { bytes: 64 * 1024, items: 1 };
/**
 * No chunk is more than this part of what is left, so that the last ones end at about the same time: at worst one worker runs alone for
 * so small a part of the batch. But nobody gets less than `WORTH_MS` of work for it.
 */
const SHARE = 1 / 64;
const WORTH_MS = 20;
/** A chunk's last items leave places empty that nothing fills: with so many rounds that is little. */
const ROUNDS = 16;
/** 16 MiB: large enough that nothing else costs anything beside it, small enough that a tail of one chunk is short. */
const MOST = { bytes: 16 * 1024 * 1024, items: 10_000 };
/** Until a chunk has settled, sizes double from entry to entry, up to this. */
const BLIND = { bytes: 4 * 1024 * 1024, items: 64 };
/** Chunks in the first entries; later ones hold 100. */
const COUNTS = [4, 8, 16, 32, 64];

export function nextChunks(entry: number, bounds: SizeBounds, pace: Pace | null): NextChunks {
  const given = bounds.items !== null || bounds.bytes !== null;
  const count = given ? (entry === 0 ? 16 : 100) : (COUNTS[entry] ?? 100);
  if (given) return { count, bytes: bounds.bytes ?? Number.MAX_SAFE_INTEGER, items: bounds.items };
  const size = inRounds(shared(learned(entry, bounds, pace), bounds, pace), bounds);
  return bounds.unit === "bytes"
    ? { count, bytes: size, items: null }
    : { count, bytes: Number.MAX_SAFE_INTEGER, items: size };
}

function learned(entry: number, { unit, concurrency }: SizeBounds, pace: Pace | null): number {
  if (pace && pace.units > 0) return within(unit, unitsIn(TARGET_MS, pace));
  const atOnce = unit === "items" ? concurrency : 1;
  return Math.min(FIRST[unit] * 2 ** Math.min(entry, 20), BLIND[unit]) * atOnce;
}

function shared(size: number, { unit, concurrency, left }: SizeBounds, pace: Pace | null): number {
  if (left === null) return size;
  const worth = pace && pace.units > 0 ? unitsIn(WORTH_MS, pace) : 0;
  const rounds = unit === "items" && concurrency > 1 ? ROUNDS * concurrency : 0;
  return Math.min(size, Math.max(within(unit, worth), rounds, Math.ceil(left * SHARE)));
}

/** Items fill all places that there are, to the last round. */
function inRounds(size: number, { unit, concurrency }: SizeBounds): number {
  return unit === "items" ? Math.ceil(size / concurrency) * concurrency : size;
}

function unitsIn(ms: number, pace: Pace): number {
  return Math.round((ms * pace.units) / Math.max(pace.ms, 0.001));
}

function within(unit: "bytes" | "items", size: number): number {
  return Math.max(LEAST[unit], Math.min(size, MOST[unit]));
}
