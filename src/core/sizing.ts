/**
 * How large the next chunks should be: small at first, so that work starts at once; then about a second of work each, as the chunks before them took;
 * and small again at the end, so that no thread works on when the others have nothing left. What a user gives is kept to, and nothing is learned.
 */

/** What settled chunks took: `units` of the reader's measure, which held so many `items`, in `ms` of processing. */
export interface Pace {
  readonly units: number;
  readonly items: number;
  readonly ms: number;
}

export interface SizeBounds {
  /** What sizes are measured in. */
  readonly unit: "bytes" | "items";
  /** Given by the user; `null` = learned. Of two that are given, the one that is met first ends a chunk; each holds an item at least. Bytes mean nothing where the unit is items. */
  readonly items: number | null;
  readonly bytes: number | null;
  /** Items of a chunk that are processed at once. */
  readonly concurrency: number;
}

export interface NextChunks {
  /** How many chunks to plan in the next entry, at most. */
  readonly count: number;
  readonly bytes: number;
  readonly items: number | null;
}

/** What a chunk should take, at most and at least: the cost of a message has to be nothing beside it. */
const TARGET_MS = 1000;
const LEAST_MS = 50;
/** One chunk takes up to this part of what is left: the last ones become small, and a small input is shared out too. */
const SHARE = 1 / 32;
const FIRST = { bytes: 256 * 1024, items: 1 };
/** 16 MiB: large enough that nothing else costs anything beside it. */
const MOST = { bytes: 16 * 1024 * 1024, items: 10_000 };
/** Ranges of fewer bytes end where records do: else many of them would hold none. Larger ones are cut wherever a reader can, without reading. */
const WHOLE_RECORDS_BELOW = 64 * 1024;
/** Until a chunk has settled, sizes double from entry to entry, up to this. */
const BLIND = { bytes: 4 * 1024 * 1024, items: 64 };
/** Chunks in the first entries; later ones hold up to 100. */
const COUNTS = [4, 8, 16, 32, 64];
/** What an entry is planned for: the next one may have learned that items take longer now. */
const ENTRY_MS = 16_000;
const LEAST_COUNT = 16;
const UNBOUNDED = Number.MAX_SAFE_INTEGER;

/** `left`: units of the input that are not planned yet, `null` where nobody knows. */
export function nextChunks(
  entry: number,
  bounds: SizeBounds,
  pace: Pace | null,
  left: number | null,
): NextChunks {
  const { unit, items, bytes } = bounds;
  if (items !== null) return { count: givenCount(entry), bytes: bytes ?? UNBOUNDED, items };
  if (bytes !== null && unit === "bytes") return { count: givenCount(entry), bytes, items };
  const known = pace && pace.units > 0 ? pace : null;
  const size = known ? learned(bounds, known, left) : blind(entry, bounds, left);
  const chunks = count(entry, size, known);
  if (unit === "items") return { count: chunks, bytes: UNBOUNDED, items: size };
  return { count: chunks, bytes: size, items: size < WHOLE_RECORDS_BELOW ? UNBOUNDED : null };
}

function givenCount(entry: number): number {
  return entry === 0 ? 16 : 100;
}

function count(entry: number, size: number, pace: Pace | null): number {
  const most = COUNTS[entry] ?? 100;
  if (!pace) return most;
  const ms = (size * pace.ms) / pace.units;
  return Math.min(most, Math.max(LEAST_COUNT, Math.ceil(ENTRY_MS / Math.max(ms, 1))));
}

function blind(entry: number, { unit, concurrency }: SizeBounds, left: number | null): number {
  const size = Math.min(FIRST[unit] * 2 ** Math.min(entry, 20), BLIND[unit], shareOf(left));
  return whole(Math.max(size, unit === "items" ? concurrency : 1));
}

function learned({ unit, concurrency }: SizeBounds, pace: Pace, left: number | null): number {
  const perMs = pace.units / Math.max(pace.ms, 0.001);
  const size = Math.min(TARGET_MS * perMs, MOST[unit], Math.max(shareOf(left), LEAST_MS * perMs));
  // With fewer items than may be processed at once, a chunk would wait where it could work.
  const together = concurrency * (pace.units / Math.max(pace.items, 1));
  return whole(Math.max(size, Math.min(together, MOST[unit])));
}

function shareOf(left: number | null): number {
  return left === null ? Infinity : left * SHARE;
}

function whole(size: number): number {
  return Math.max(1, Math.round(size));
}
