/** Random numbers from a seed. The same seed gives the same run. */
export interface Chance {
  /** In [0, 1). */
  readonly next: () => number;
  /** An integer below `n`. */
  below(n: number): number;
  /** True once in `n` times. */
  oneIn(n: number): boolean;
}

/** mulberry32, https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export function chance(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { next, below: (n) => Math.floor(next() * n), oneIn: (n) => next() * n < 1 };
}
