/**
 * How large the next chunks should be. The first chunks are small, so that work starts at once. Then a chunk
 * is about a second of work, at the pace of the chunks before it. The last chunks are small again, so that
 * all workers finish at about the same time. Sizes that the user gives are kept, and nothing is learned.
 */

/**
 * What settled chunks took: `units` in the reader's unit, with `items` items in them, in `ms` of processing.
 */
export interface Pace {
  readonly units: number;
  readonly items: number;
  readonly ms: number;
}

export interface SizeBounds {
  /** The reader's unit. */
  readonly unit: "bytes" | "items";
  /**
   * The limits that the user gave; `null`: learned. Whichever limit is reached first ends the chunk; a chunk
   * always holds at least one item. If the unit is items, `bytes` is ignored.
   */
  readonly items: number | null;
  readonly bytes: number | null;
  /** How many items are processed at the same time in a thread, of one chunk or of several. */
  readonly concurrency: number;
  /** How much of the input is not planned yet, in the unit. `null`: unknown. */
  readonly left: number | null;
}

/** The next entry of the plan: how many chunks at most, and the limits of each chunk. */
export interface NextChunks {
  readonly count: number;
  readonly bytes: number;
  readonly items: number | null;
}

/** How much work a chunk should be. */
const TARGET_MS = 1000;
const FIRST = { bytes: 256 * 1024, items: 1 };
/**
 * A chunk is at most this share of what is left, so that the last chunks end at about the same time. At worst
 * one worker works alone on this share of the batch. But no chunk is made smaller than `WORTH_MS` of work.
 */
const SHARE = 1 / 64;
const WORTH_MS = 20;
/** 16 MiB: large enough to make all other costs small, and small enough that one last chunk is short. */
const MOST = { bytes: 16 * 1024 * 1024, items: 10_000 };
/** Until a chunk has settled, sizes double from entry to entry, up to this. */
const BLIND = { bytes: 4 * 1024 * 1024, items: 64 };
/**
 * Smaller ranges are cut at the end of a record, because many would hold no record otherwise. Larger ranges
 * are cut wherever the reader can cut without reading.
 */
const WHOLE_RECORDS_BELOW = 64 * 1024;
/** How many chunks the first entries hold. Later entries hold up to 100. */
const COUNTS = [4, 8, 16, 32, 64];
/**
 * How much work an entry should be. The next entry may know a different pace. An entry also takes at most
 * half of what is left, so that sizes go down towards the end.
 */
const ENTRY_MS = 16_000;
const LEAST_COUNT = 16;
const UNBOUNDED = Number.MAX_SAFE_INTEGER;

/** Whether the user gave the size, so that the pace does not matter. */
export function isGiven({ unit, items, bytes }: SizeBounds): boolean {
  return items !== null || (bytes !== null && unit === "bytes");
}

/** `entry` is the number of the next entry; `pace` is `null` until a chunk has settled. */
export function nextChunks(entry: number, bounds: SizeBounds, pace: Pace | null): NextChunks {
  const { unit, items, bytes } = bounds;
  if (isGiven(bounds)) {
    return { count: entry === 0 ? 16 : 100, bytes: bytes ?? UNBOUNDED, items };
  }
  const known = pace && pace.units > 0 ? pace : null;
  const size = fairShare(targetSize(entry, bounds, known), bounds, known);
  const count = chunksInEntry(entry, size, bounds.left, known);
  return unit === "bytes"
    ? { count, bytes: size, items: recordLimit(size, bounds, known) }
    : { count, bytes: UNBOUNDED, items: size };
}

/** The size of a chunk that is `TARGET_MS` of work, or a guess while the pace is unknown. */
function targetSize(entry: number, { unit, concurrency }: SizeBounds, pace: Pace | null): number {
  if (pace) return clamp(unit, unitsIn(TARGET_MS, pace));
  const slots = unit === "items" ? concurrency : 1;
  return Math.min(FIRST[unit] * 2 ** Math.min(entry, 20), BLIND[unit]) * slots;
}

/** Limits a size to its share of what is left. */
function fairShare(size: number, bounds: SizeBounds, pace: Pace | null): number {
  const { unit, left, concurrency } = bounds;
  if (left === null) return size;
  const worth = pace ? unitsIn(WORTH_MS, pace) : 0;
  // How long records are is unknown: `recordLimit` makes the chunk smaller.
  const least = unit === "bytes" && !pace && concurrency > 1 ? FIRST.bytes : 0;
  return Math.min(size, Math.max(clamp(unit, worth), least, Math.ceil(left * SHARE)));
}

/** How many records a range of bytes may have. `null`: the range need not end with a record. */
function recordLimit(size: number, { concurrency, left }: SizeBounds, pace: Pace | null): number | null {
  // How long records are is unknown. From a small input a chunk takes one record for each slot.
  if (!pace && concurrency > 1 && left !== null && left * SHARE < FIRST.bytes) return concurrency;
  return size < WHOLE_RECORDS_BELOW ? UNBOUNDED : null;
}

function chunksInEntry(entry: number, size: number, left: number | null, pace: Pace | null): number {
  const half = (left ?? Infinity) / 2 / size;
  const timely = pace ? ENTRY_MS / Math.max((size * pace.ms) / pace.units, 1) : Infinity;
  return Math.min(COUNTS[entry] ?? 100, Math.max(LEAST_COUNT, Math.ceil(Math.min(half, timely))));
}

function unitsIn(ms: number, pace: Pace): number {
  return Math.round((ms * pace.units) / Math.max(pace.ms, 0.001));
}

function clamp(unit: "bytes" | "items", size: number): number {
  return Math.max(1, Math.min(size, MOST[unit]));
}
