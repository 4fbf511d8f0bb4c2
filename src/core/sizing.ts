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
  const size = learned(entry, bounds.unit, pace);
  return bounds.unit === "bytes"
    ? { count, bytes: size, items: null }
    : { count, bytes: Number.MAX_SAFE_INTEGER, items: size };
}

function learned(entry: number, unit: "bytes" | "items", pace: Pace | null): number {
  if (!pace || pace.units === 0) return Math.min(FIRST[unit] * 2 ** Math.min(entry, 20), BLIND[unit]);
  const size = Math.round((TARGET_MS * pace.units) / Math.max(pace.ms, 0.001));
  return Math.max(LEAST[unit], Math.min(size, MOST[unit]));
}
