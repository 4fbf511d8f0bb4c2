/**
 * Quantiles of numbers with a relative error: DDSketch (C. Masson, J. E. Rim, H. K. Lee, VLDB 2019). It
 * counts numbers in bins whose borders grow by a factor. Counts are added, so the sketch does not depend on
 * the order, nor on how the input is cut. No bin is ever given up: the doubles have some 70,000 of either
 * sign, and usual data a few hundred.
 *
 * The logarithm is interpolated by a cubic between powers of two, as in the authors' implementations. Unlike
 * `Math.log` it is the same to the last bit on every machine.
 */
import type { Json } from "../../core/json/json.ts";

/** The cubic: its slope is that of the binary logarithm or less, nowhere below 10/7. */
const CUBE = 6 / 35;
const SQUARE = -3 / 5;
const LINE = 10 / 7;
/** `1 / (LINE · ln γ)`, where γ = 1.01 / 0.99 is the largest factor between the borders of a bin: 1 %. */
const BINS_PER_UNIT = 34.998_833_302_220_6;
/** Smaller numbers, which have fewer digits, count as 0: 2.2e-308. */
const SMALLEST = 2 ** -1022;
const HALVINGS = 54;

const bits = new DataView(new ArrayBuffer(8));

type Bins = Map<number, number>;

export class DdSketch {
  #count = 0;
  #zeros = 0;
  #min = Infinity;
  #max = -Infinity;
  readonly #above: Bins = new Map();
  readonly #below: Bins = new Map();

  /** Adds a finite number. */
  add(value: number): void {
    this.#count++;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    const size = value < 0 ? -value : value;
    if (size < SMALLEST) this.#zeros++;
    else addTo(value < 0 ? this.#below : this.#above, binOf(size), 1);
  }

  merge(other: DdSketch): void {
    this.#count += other.#count;
    this.#zeros += other.#zeros;
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
    for (const [bin, n] of other.#above) addTo(this.#above, bin, n);
    for (const [bin, n] of other.#below) addTo(this.#below, bin, n);
  }

  /** The quantiles, in the order of `ranks`, which are from 0 to 1; `null` without numbers. */
  quantiles(ranks: readonly number[]): (number | null)[] {
    if (this.#count === 0) return ranks.map(() => null);
    const ascending = this.#ascending();
    return ranks.map((rank) => {
      if (rank === 0) return this.#min;
      if (rank === 1) return this.#max;
      const before = rank * (this.#count - 1);
      let seen = 0;
      for (const [value, n] of ascending) {
        seen += n;
        if (seen > before) return Math.min(Math.max(value, this.#min), this.#max);
      }
      return this.#max;
    });
  }

  #ascending(): (readonly [value: number, n: number])[] {
    const below = sorted(this.#below).map(([bin, n]) => [-valueOf(bin), n] as const);
    const above = sorted(this.#above).map(([bin, n]) => [valueOf(bin), n] as const);
    return [...below.toReversed(), [0, this.#zeros], ...above];
  }

  toJSON(): Json {
    const range = this.#count === 0 ? [] : [this.#min, this.#max];
    return [range, this.#zeros, [...this.#above].flat(), [...this.#below].flat()];
  }

  static from(json: Json): DdSketch {
    const [range, zeros, above, below] = json as readonly [number[], number, number[], number[]];
    const sketch = new DdSketch();
    [sketch.#min, sketch.#max] = [range[0] ?? Infinity, range[1] ?? -Infinity];
    sketch.#zeros = zeros;
    sketch.#count = zeros + read(above, sketch.#above) + read(below, sketch.#below);
    return sketch;
  }
}

/** Fills `bins` from pairs, and returns how many numbers are in them. */
function read(pairs: readonly number[], bins: Bins): number {
  let count = 0;
  for (let at = 0; at < pairs.length; at += 2) {
    const n = pairs[at + 1] ?? 0;
    addTo(bins, pairs[at] ?? 0, n);
    count += n;
  }
  return count;
}

function addTo(bins: Bins, bin: number, n: number): void {
  bins.set(bin, (bins.get(bin) ?? 0) + n);
}

function sorted(bins: Bins): (readonly [bin: number, n: number])[] {
  return [...bins].toSorted(([a], [b]) => a - b);
}

/** The bin of a positive number. Its upper border belongs to it. */
function binOf(size: number): number {
  bits.setFloat64(0, size);
  const upper = bits.getUint32(0);
  bits.setUint32(0, (upper & 0xf_ffff) | 0x3ff0_0000);
  const rest = bits.getFloat64(0) - 1;
  const logarithm = (upper >>> 20) - 1023 + cubic(rest);
  return Math.ceil(logarithm * BINS_PER_UNIT);
}

function cubic(rest: number): number {
  return ((CUBE * rest + SQUARE) * rest + LINE) * rest;
}

/** The number in a bin that is as near as possible to both borders. */
function valueOf(bin: number): number {
  const lower = borderBelow(bin);
  const upper = borderBelow(bin + 1);
  return lower * (2 / (1 + lower / upper));
}

function borderBelow(bin: number): number {
  const logarithm = (bin - 1) / BINS_PER_UNIT;
  const exponent = Math.floor(logarithm);
  let low = 0;
  let high = 1;
  for (let step = 0; step < HALVINGS; step++) {
    const middle = (low + high) / 2;
    if (cubic(middle) < logarithm - exponent) low = middle;
    else high = middle;
  }
  return (1 + high) * 2 ** exponent;
}
