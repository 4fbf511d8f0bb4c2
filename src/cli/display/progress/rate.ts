/** The current speed of a batch or an upload, from recent samples. */

export interface RateSample {
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
/** Over a shorter time the rate is mostly chance. */
const MIN_MS = 300;

export interface RateMeter {
  /** The rate with this sample; `null` while the samples cover too little time. */
  add(sample: RateSample): Rate | null;
}

export function rateMeter(): RateMeter {
  const samples: RateSample[] = [];
  return {
    add(latest) {
      samples.push(latest);
      while ((samples[1]?.atMs ?? latest.atMs) <= latest.atMs - WINDOW_MS) samples.shift();
      const [first = latest] = samples;
      const seconds = (latest.atMs - first.atMs) / 1000;
      if (seconds * 1000 < MIN_MS) return null;
      return {
        itemsPerSecond: (latest.items - first.items) / seconds,
        unitsPerSecond: (latest.units - first.units) / seconds,
      };
    },
  };
}
