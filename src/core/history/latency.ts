/** How long items took: counts on a log scale, a fifth apart, which add up in any order. */
import type { Latency } from "./history.ts";

/** Buckets for a doubling. */
const PER_DOUBLING = 4;
/** The first bucket begins at a microsecond or so; the last one ends beyond a day. */
const FIRST_DOUBLING = -10;
export const BUCKETS = 40 * PER_DOUBLING;
/** So many are shown. */
const MAX_SHOWN = 64;

/** Counts by bucket, as they travel: bucket, count, bucket, count …, and the longest time. */
export interface LatencyCounts {
  readonly counts: readonly number[];
  readonly max: number;
}

export class LatencySketch {
  /** Most chunks of items that do not wait have none. */
  #made: Float64Array | null = null;
  #count = 0;
  #max = 0;

  get count(): number {
    return this.#count;
  }

  get #counts(): Float64Array {
    return (this.#made ??= new Float64Array(BUCKETS));
  }

  /** `items` that took `ms` each. */
  add(ms: number, items = 1): void {
    const bucket = bucketOf(ms);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + items;
    this.#count += items;
    if (ms > this.#max) this.#max = ms;
  }

  absorb({ counts, max }: LatencyCounts): void {
    for (let place = 0; place < counts.length; place += 2) {
      const bucket = Math.min(BUCKETS - 1, counts[place] ?? 0);
      const items = counts[place + 1] ?? 0;
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + items;
      this.#count += items;
    }
    if (max > this.#max) this.#max = max;
  }

  /** What was counted since the last call; `null`: nothing. */
  take(): LatencyCounts | null {
    if (this.#count === 0) return null;
    const taken = { counts: this.#pairs(), max: this.#max };
    this.#counts.fill(0);
    this.#count = 0;
    this.#max = 0;
    return taken;
  }

  #pairs(): number[] {
    const pairs: number[] = [];
    this.#counts.forEach((items, bucket) => {
      if (items > 0) pairs.push(bucket, items);
    });
    return pairs;
  }

  latency(of: Latency["of"]): Latency | null {
    if (this.#count === 0) return null;
    const [p50, p90, p99] = [0.5, 0.9, 0.99].map((share) => this.#percentile(share));
    return {
      of,
      count: this.#count,
      p50: p50 ?? 0,
      p90: p90 ?? 0,
      p99: p99 ?? 0,
      max: rounded(this.#max),
      buckets: this.#shown(),
    };
  }

  /** Within its bucket, as if its times were evenly spread. */
  #percentile(share: number): number {
    const wanted = share * this.#count;
    let before = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const items = this.#counts[bucket] ?? 0;
      if (items > 0 && before + items >= wanted) {
        const within = (wanted - before) / items;
        return rounded(Math.min(this.#max, startOf(bucket) * (1 + (WIDTH - 1) * within)));
      }
      before += items;
    }
    return rounded(this.#max);
  }

  #shown(): Latency["buckets"] {
    const all = [...this.#counts.entries()].filter(([, items]) => items > 0);
    // Neighbours are added up until there are few enough.
    for (let step = 1; ; step *= 2) {
      const wide = Map.groupBy(all, ([bucket]) => Math.floor(bucket / step));
      if (wide.size > MAX_SHOWN) continue;
      return [...wide].map(([place, members]) => [
        rounded(startOf(place * step)),
        rounded(startOf((place + 1) * step)),
        members.reduce((sum, [, items]) => sum + items, 0),
      ]);
    }
  }

  restore({ buckets, max }: Pick<Latency, "buckets" | "max">): void {
    // The middle of a bucket may be above the longest time, which is known.
    const longest = Math.max(this.#max, max);
    for (const [from, to, items] of buckets) this.add(Math.sqrt(from * to), items);
    this.#max = longest;
  }
}

/** How many items were measured. */
export function itemsIn({ counts }: Pick<LatencyCounts, "counts">): number {
  return counts.reduce((items, count, place) => items + (place % 2) * count, 0);
}

const WIDTH = 2 ** (1 / PER_DOUBLING);

function bucketOf(ms: number): number {
  if (!(ms > 0)) return 0;
  const bucket = Math.floor((Math.log2(ms) - FIRST_DOUBLING) * PER_DOUBLING);
  return Math.max(0, Math.min(BUCKETS - 1, bucket));
}

function startOf(bucket: number): number {
  return 2 ** (bucket / PER_DOUBLING + FIRST_DOUBLING);
}

/** In milliseconds. */
export function endOf(bucket: number): number {
  return startOf(bucket + 1);
}

/** Three digits say enough. */
function rounded(ms: number): number {
  return Number(ms.toPrecision(3));
}
