/** How fast a batch goes, by what was seen of it lately. */

export interface Sighting {
  readonly atMs: number;
  readonly items: number;
  readonly units: number;
}

export interface Rate {
  readonly itemsPerSecond: number;
  readonly unitsPerSecond: number;
}

/** Long enough to smooth chunks of about a second, short enough to follow a change. */
const WINDOW_MS = 10_000;
/** Before that, chance decides. */
const LEAST_MS = 300;

export interface RateMeter {
  /** `null` as long as too little was seen. */
  see(sighting: Sighting): Rate | null;
}

export function rateMeter(): RateMeter {
  const seen: Sighting[] = [];
  return {
    see(now) {
      seen.push(now);
      while ((seen[1]?.atMs ?? now.atMs) <= now.atMs - WINDOW_MS) seen.shift();
      const [first = now] = seen;
      const seconds = (now.atMs - first.atMs) / 1000;
      if (seconds * 1000 < LEAST_MS) return null;
      return {
        itemsPerSecond: (now.items - first.items) / seconds,
        unitsPerSecond: (now.units - first.units) / seconds,
      };
    },
  };
}
