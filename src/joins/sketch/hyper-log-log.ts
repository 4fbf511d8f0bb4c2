/**
 * An estimate of how many different hashes there were: HyperLogLog (Flajolet and others, 2007). Registers
 * hold maxima, so the sketch does not depend on the order, nor on how the input is cut. The estimator is that
 * of O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", arXiv 1702.01284: it needs no
 * tables of corrections.
 */

const INDEX_BITS = 14;
const REGISTERS = 2 ** INDEX_BITS;
/** Bits of the hash beside the index. */
const RANK_BITS = 64 - INDEX_BITS;
const UPPER_BITS = 32 - INDEX_BITS;
/** `1 / (2 ln 2)` */
const ALPHA = 0.7213475204444817;
/** A register is at most 51: one character each. */
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The standard error of an estimate, relative to it: 1.04 / √16384. */
export const STANDARD_ERROR = 0.0081;

export class HyperLogLog {
  readonly #registers = new Uint8Array(REGISTERS);

  /** Adds a hash of 64 bits, in two halves. */
  add({ high, low }: { readonly high: number; readonly low: number }): void {
    const upper = high << INDEX_BITS;
    const rank = 1 + (upper === 0 ? UPPER_BITS + Math.clz32(low) : Math.clz32(upper));
    const index = high >>> UPPER_BITS;
    if (rank > (this.#registers[index] as number)) this.#registers[index] = rank;
  }

  merge(other: HyperLogLog): void {
    other.#registers.forEach((rank, index) => {
      if (rank > (this.#registers[index] as number)) this.#registers[index] = rank;
    });
  }

  estimate(): number {
    const counts = Array.from({ length: RANK_BITS + 2 }, () => 0);
    for (const rank of this.#registers) counts[rank] = (counts[rank] ?? 0) + 1;
    let z = REGISTERS * tau(1 - (counts[RANK_BITS + 1] ?? 0) / REGISTERS);
    for (let rank = RANK_BITS; rank > 0; rank--) z = 0.5 * (z + (counts[rank] ?? 0));
    z += REGISTERS * sigma((counts[0] ?? 0) / REGISTERS);
    return Math.round((ALPHA * REGISTERS * REGISTERS) / z);
  }

  toText(): string {
    let text = "";
    for (const rank of this.#registers) text += DIGITS[rank];
    return text;
  }

  static from(text: string): HyperLogLog {
    const sketch = new HyperLogLog();
    for (let index = 0; index < REGISTERS; index++)
      sketch.#registers[index] = DIGITS.indexOf(text[index] ?? "A");
    return sketch;
  }
}

/** For the registers that are still 0. */
function sigma(share: number): number {
  if (share === 1) return Infinity;
  let power = share;
  let factor = 1;
  let sum = share;
  for (let before = NaN; before !== sum;) {
    before = sum;
    power *= power;
    sum += power * factor;
    factor += factor;
  }
  return sum;
}

/** For the registers that are full. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let root = share;
  let factor = 1;
  let sum = 1 - share;
  for (let before = NaN; before !== sum;) {
    before = sum;
    root = Math.sqrt(root);
    factor *= 0.5;
    sum -= (1 - root) ** 2 * factor;
  }
  return sum / 3;
}
