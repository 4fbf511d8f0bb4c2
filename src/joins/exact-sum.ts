/**
 * A sum of doubles without rounding until it is read: the same for every order and grouping, which plain `+`
 * is not.
 *
 * J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric Predicates",
 * Discrete & Computational Geometry 18 (1997), 305-363: the sum is kept as doubles that do not overlap.
 * Reading it rounds once, half to even, as Python's `math.fsum` does.
 */
import { roundFixed, toFixed } from "./fixed-point.ts";
import type { Json } from "../core/json.ts";

/**
 * Numbers from here on are added as big integers (which they are), so that no intermediate sum overflows:
 * 2^60 smaller ones stay below 2^1020.
 */
const HUGE = 2 ** 960;

/**
 * Below this, a number splits into a multiple of 2^-20 and a rest of 2^-21 at most; almost all are whole
 * multiples of 2^-72.
 */
const ORDINARY = 2 ** 31;
const STEP = 2 ** -20;
/** Added and taken away again, these round to a multiple of 2^-20, and of 2^-72. */
const TO_STEP = 1.5 * 2 ** 32;
const TO_FINE = 1.5 * 2 ** -20;
/** Multiples of 2^-20 are doubles up to 2^33: half of that leaves room for one more number. */
const MOST_COARSE = 2 ** 32;

export class ExactSum {
  /** Integers are added here as long as the sum is a safe integer, which makes it exact: next to no work. */
  #whole = 0;
  /**
   * Ordinary fractions are added here, in two parts that need never round: multiples of 2^-20, and multiples
   * of 2^-72 up to 2^-20.
   */
  #coarse = 0;
  #fine = 0;
  /** Shewchuk's expansion: not overlapping, of increasing magnitude, no zeros. */
  #parts: number[] = [];
  #huge = 0n;

  /** Adds a finite number. */
  add(value: number): void {
    const whole = this.#whole + value;
    // An integer sum below 2^53 has no rounding error, and one that is not rounds to something that is not
    // safe.
    if (Number.isSafeInteger(whole) && Number.isInteger(value)) this.#whole = whole;
    else if (value < ORDINARY && value > -ORDINARY) this.#addOrdinary(value);
    else if (value >= HUGE || value <= -HUGE) this.#huge += BigInt(value);
    else this.#grow(value);
  }

  addSum(other: ExactSum): void {
    other.#gather();
    this.add(other.#whole);
    for (const part of other.#parts) this.#grow(part);
    this.#huge += other.#huge;
  }

  /** The sum as the nearest double, `Infinity` if it is beyond the largest. */
  value(): number {
    this.#gather();
    if (this.#huge !== 0n) return this.#fixedValue();
    if (this.#parts.length === 0) return this.#whole;
    if (this.#whole !== 0) this.#flush();
    return roundParts(this.#parts);
  }

  toJSON(): Json {
    this.#gather();
    const { length } = this.#parts;
    if (this.#huge !== 0n) return [this.#whole, ...this.#parts, this.#huge.toString(36)];
    return length === 0 ? this.#whole : [this.#whole, ...this.#parts];
  }

  static from(json: Json): ExactSum {
    const sum = new ExactSum();
    for (const part of Array.isArray(json) ? json : [json]) {
      if (typeof part === "number") sum.add(part);
      else sum.#huge += fromBase36(String(part));
    }
    return sum;
  }

  #addOrdinary(value: number): void {
    const coarse = value + TO_STEP - TO_STEP;
    const fine = value - coarse;
    if (fine + TO_FINE - TO_FINE !== fine) return this.#grow(value);
    const fines = this.#fine + fine;
    const carry = fines < STEP && fines > -STEP ? 0 : fines + TO_STEP - TO_STEP;
    this.#fine = fines - carry;
    this.#coarse += coarse + carry;
    if (this.#coarse > MOST_COARSE || this.#coarse < -MOST_COARSE) this.#gather();
  }

  /** Puts the fractions into the expansion. */
  #gather(): void {
    const coarse = this.#coarse;
    const fine = this.#fine;
    this.#coarse = this.#fine = 0;
    if (coarse !== 0) this.#grow(coarse);
    if (fine !== 0) this.#grow(fine);
  }

  #flush(): void {
    const whole = this.#whole;
    this.#whole = 0;
    this.#grow(whole);
  }

  /**
   * GROW-EXPANSION: one exact addition for each part; what is left of a part keeps its place unless it is
   * zero.
   */
  #grow(value: number): void {
    const parts = this.#parts;
    let sum = value;
    let kept = 0;
    const { length } = parts;
    for (let i = 0; i < length; i++) {
      const part = parts[i] as number;
      const total = sum + part;
      const shadow = total - sum;
      const error = sum - (total - shadow) + (part - shadow);
      if (error !== 0) parts[kept++] = error;
      sum = total;
    }
    if (sum !== 0) parts[kept++] = sum;
    // Setting a length costs more than the sum: only when it changes.
    if (kept < length) parts.length = kept;
  }

  #fixedValue(): number {
    let fixed = toFixed(this.#whole) + toFixed(1) * this.#huge;
    for (const part of this.#parts) fixed += toFixed(part);
    return roundFixed(fixed);
  }
}

/**
 * The nearest double of an expansion. The second digit decides a tie of the first, as in CPython's
 * `math.fsum`.
 */
function roundParts(parts: readonly number[]): number {
  let place = parts.length - 1;
  let high = parts[place] ?? 0;
  let low = 0;
  while (place > 0 && low === 0) {
    place -= 1;
    const part = parts[place] ?? 0;
    const total = high + part;
    low = part - (total - high);
    high = total;
  }
  const beyond = place > 0 ? (parts[place - 1] ?? 0) : 0;
  const sameSign = (low < 0 && beyond < 0) || (low > 0 && beyond > 0);
  if (!sameSign) return high;
  // `high` was rounded at a tie, and the rest says that the tie should have gone the other way.
  const nudged = high + low * 2;
  return nudged - high === low * 2 ? nudged : high;
}

function fromBase36(text: string): bigint {
  const negative = text.startsWith("-");
  let value = 0n;
  for (const digit of negative ? text.slice(1) : text)
    value = value * 36n + BigInt(Number.parseInt(digit, 36));
  return negative ? -value : value;
}
