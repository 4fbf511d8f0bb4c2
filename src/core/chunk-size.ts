/**
 * How large the next chunks should be: small at first, so that work starts at once; then about a second of
 * work each, as the chunks before them took; and small again at the end, so that no thread works on when the
 * others have nothing left. What a user gives is kept to, and nothing is learned.
 */

/**
 * What settled chunks took: `units` of the reader's measure, which held so many `items`, in `ms` of
 * processing.
 */
export interface Pace {
  readonly units: number;
  readonly items: number;
  readonly ms: number;
}

export interface SizeBounds {
  /** What sizes are measured in. */
  readonly unit: "bytes" | "items";
  /**
   * Given by the user; `null` = learned. Of two, the one that is met first ends a chunk; each holds an item
   * at least. Where the unit is items, bytes mean nothing.
   */
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
/**
 * No chunk is more than this part of what is left, so that the last ones end at about the same time: at worst
 * one worker runs alone for so small a part of the batch. But nobody gets less than `WORTH_MS` of work for
 * it.
 */
const SHARE = 1 / 64;
const WORTH_MS = 20;
/** A chunk's last items leave places empty that nothing fills: with so many rounds that is little. */
const ROUNDS = 16;
/**
 * 16 MiB: large enough that nothing else costs anything beside it, small enough that a tail of one chunk is
 * short.
 */
const MOST = { bytes: 16 * 1024 * 1024, items: 10_000 };
/** Until a chunk has settled, sizes double from entry to entry, up to this. */
const BLIND = { bytes: 4 * 1024 * 1024, items: 64 };
/**
 * Smaller ranges end where records do: else many would hold none. Larger ones are cut wherever a reader can,
 * without reading.
 */
const WHOLE_RECORDS_BELOW = 64 * 1024;
/** Chunks in the first entries; later ones hold up to 100. */
const COUNTS = [4, 8, 16, 32, 64];
/**
 * What an entry is planned for: the next one may have learned that items take longer now. It takes half of
 * what is left at most, so that sizes go down.
 */
const ENTRY_MS = 16_000;
const LEAST_COUNT = 16;
const UNBOUNDED = Number.MAX_SAFE_INTEGER;

export function nextChunks(entry: number, bounds: SizeBounds, pace: Pace | null): NextChunks {
  const { unit, items, bytes } = bounds;
  if (items !== null || (bytes !== null && unit === "bytes")) {
    return { count: entry === 0 ? 16 : 100, bytes: bytes ?? UNBOUNDED, items };
  }
  const known = pace && pace.units > 0 ? pace : null;
  const size = shared(learned(entry, bounds, known), bounds, known);
  const count = countFor(entry, size, bounds.left, known);
  return unit === "bytes"
    ? { count, bytes: size, items: recordsIn(size, bounds, known) }
    : { count, bytes: UNBOUNDED, items: inRounds(size, bounds) };
}

function learned(entry: number, { unit, concurrency }: SizeBounds, pace: Pace | null): number {
  if (pace) return within(unit, unitsIn(TARGET_MS, pace));
  const atOnce = unit === "items" ? concurrency : 1;
  return Math.min(FIRST[unit] * 2 ** Math.min(entry, 20), BLIND[unit]) * atOnce;
}

function shared(size: number, bounds: SizeBounds, pace: Pace | null): number {
  const { unit, left } = bounds;
  if (left === null) return size;
  const worth = pace ? unitsIn(WORTH_MS, pace) : 0;
  return Math.min(size, Math.max(within(unit, worth), leastTogether(bounds, pace), Math.ceil(left * SHARE)));
}

/** What holds enough items for all places that there are. */
function leastTogether({ unit, concurrency }: SizeBounds, pace: Pace | null): number {
  if (concurrency === 1) return 0;
  const items = ROUNDS * concurrency;
  if (unit === "items") return items;
  return pace ? Math.ceil((items * pace.units) / Math.max(pace.items, 1)) : FIRST.bytes;
}

/** How many records a range of bytes may have; `null` = it need not end with one. */
function recordsIn(size: number, { concurrency, left }: SizeBounds, pace: Pace | null): number | null {
  // Nobody knows how long records are: of a small input a chunk gets as many as are processed at once.
  if (!pace && concurrency > 1 && left !== null && left * SHARE < FIRST.bytes) return concurrency;
  return size < WHOLE_RECORDS_BELOW ? UNBOUNDED : null;
}

/** Items fill all places that there are, to the last round. */
function inRounds(size: number, { concurrency }: SizeBounds): number {
  return Math.ceil(size / concurrency) * concurrency;
}

function countFor(entry: number, size: number, left: number | null, pace: Pace | null): number {
  const half = (left ?? Infinity) / 2 / size;
  const soon = pace ? ENTRY_MS / Math.max((size * pace.ms) / pace.units, 1) : Infinity;
  return Math.min(COUNTS[entry] ?? 100, Math.max(LEAST_COUNT, Math.ceil(Math.min(half, soon))));
}

function unitsIn(ms: number, pace: Pace): number {
  return Math.round((ms * pace.units) / Math.max(pace.ms, 0.001));
}

function within(unit: "bytes" | "items", size: number): number {
  return Math.max(1, Math.min(size, MOST[unit]));
}
