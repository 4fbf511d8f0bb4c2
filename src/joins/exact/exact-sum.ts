/**
 * An exact sum of doubles. It rounds only when it is read, so it is the same for every order and grouping of
 * the numbers. A sum with plain `+` is not.
 *
 * The sum is kept as doubles that do not overlap: J. R. Shewchuk, "Adaptive Precision Floating-Point
 * Arithmetic and Fast Robust Geometric Predicates", Discrete & Computational Geometry 18 (1997), 305-363.
 * Reading it rounds once, half to even, as Python's `math.fsum` does.
 */
import { divideFixed, roundFixed, toFixed } from "./fixed-point.ts";
import type { Json } from "../../core/json/json.ts";

/**
 * Numbers of at least this size are integers, and are added as big integers. So no intermediate sum
 * overflows: the sum of 2^60 smaller numbers is below 2^1020.
 */
const HUGE = 2 ** 960;

/**
 * A number below this splits into a multiple of 2^-20 and a rest of at most 2^-21. The rest is nearly always
 * a multiple of 2^-72.
 */
export const ORDINARY = 2 ** 31;
const STEP = 2 ** -20;
/** Adding and subtracting one of these rounds a number to a multiple of 2^-20, or of 2^-72. */
const TO_STEP = 1.5 * 2 ** 32;
const TO_FINE = 1.5 * 2 ** -20;
/** Multiples of 2^-20 are exact up to 2^33. Half of that leaves room for one more number. */
export const MOST_COARSE = 2 ** 32;

/** The part of an ordinary number that is a multiple of 2^-20. */
export function coarseOf(value: number): number {
  return value + TO_STEP - TO_STEP;
}

/** Whether the rest is a multiple of 2^-72. */
export function isFine(rest: number): boolean {
  return rest + TO_FINE - TO_FINE === rest;
}

/** The part of a sum of rests that belongs to the coarse part. */
export function carryOf(fines: number): number {
  return fines < STEP && fines > -STEP ? 0 : coarseOf(fines);
}

export class ExactSum {
  /** Integers are added here while the sum is a safe integer, because such a sum is exact and fast. */
  #whole = 0;
  /**
   * Ordinary fractions are added here, in two parts that never round: multiples of 2^-20, and multiples of
   * 2^-72 below 2^-20.
   */
  #coarse = 0;
  #fine = 0;
  /** Shewchuk's expansion: doubles that do not overlap, of increasing magnitude, without zeros. */
  #parts: number[] = [];
  #huge = 0n;

  /** Adds a finite number. */
  add(value: number): void {
    const whole = this.#whole + value;
    // A sum of integers below 2^53 has no rounding error. A larger sum rounds to an unsafe integer.
    if (Number.isSafeInteger(whole) && Number.isInteger(value)) this.#whole = whole;
    else if (value < ORDINARY && value > -ORDINARY) this.#addOrdinary(value);
    else if (value >= HUGE || value <= -HUGE) this.#huge += BigInt(value);
    else this.#grow(value);
  }

  /** Adds another sum, exactly. */
  addSum(other: ExactSum): void {
    other.#spillFractions();
    this.add(other.#whole);
    for (const part of other.#parts) this.#grow(part);
    this.#huge += other.#huge;
  }

  /** The sum as the nearest double. `Infinity` if it is beyond the largest double. */
  value(): number {
    this.#spillFractions();
    if (this.#huge !== 0n) return roundFixed(this.fixed());
    if (this.#parts.length === 0) return this.#whole;
    if (this.#whole !== 0) this.#spillWhole();
    return roundParts(this.#parts);
  }

  /** The sum divided by a count, rounded once. The sum itself may be beyond the largest double. */
  dividedBy(count: number): number {
    this.#spillFractions();
    const isOneDouble = this.#huge === 0n && this.#parts.length + (this.#whole === 0 ? 0 : 1) <= 1;
    return isOneDouble ? this.value() / count : divideFixed(this.fixed(), BigInt(count));
  }

  /** The sum in units of 2^-1074. */
  fixed(): bigint {
    this.#spillFractions();
    let fixed = toFixed(this.#whole) + toFixed(1) * this.#huge;
    for (const part of this.#parts) fixed += toFixed(part);
    return fixed;
  }

  /** The exact sum as JSON: a number, or a list of numbers and at most one integer in base 36. */
  toJSON(): Json {
    this.#spillFractions();
    const { length } = this.#parts;
    if (this.#huge !== 0n) return [this.#whole, ...this.#parts, this.#huge.toString(36)];
    return length === 0 ? this.#whole : [this.#whole, ...this.#parts];
  }

  /** Reads what `toJSON` wrote. */
  static from(json: Json): ExactSum {
    const sum = new ExactSum();
    for (const part of Array.isArray(json) ? json : [json]) {
      if (typeof part === "number") sum.add(part);
      else sum.#huge += fromBase36(String(part));
    }
    return sum;
  }

  /** Adds a fraction in its two parts, or to the expansion if it has more digits than they hold. */
  #addOrdinary(value: number): void {
    const coarse = coarseOf(value);
    const fine = value - coarse;
    if (!isFine(fine)) return this.#grow(value);
    const fines = this.#fine + fine;
    const carry = carryOf(fines);
    this.#fine = fines - carry;
    this.#coarse += coarse + carry;
    if (this.#coarse > MOST_COARSE || this.#coarse < -MOST_COARSE) this.#spillFractions();
  }

  /** Moves the ordinary fractions into the expansion. */
  #spillFractions(): void {
    const coarse = this.#coarse;
    const fine = this.#fine;
    this.#coarse = this.#fine = 0;
    if (coarse !== 0) this.#grow(coarse);
    if (fine !== 0) this.#grow(fine);
  }

  /** Moves the integers into the expansion. */
  #spillWhole(): void {
    const whole = this.#whole;
    this.#whole = 0;
    this.#grow(whole);
  }

  /** Shewchuk's GROW-EXPANSION: one exact addition for each part. The rounding errors are the new parts. */
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
    // Setting the length costs more than the sum, so it is set only if it changes.
    if (kept < length) parts.length = kept;
  }
}

/**
 * The double nearest to an expansion. If the largest parts are a tie, the next part decides it, as in
 * CPython's `math.fsum`.
 */
function roundParts(parts: readonly number[]): number {
  let index = parts.length - 1;
  let high = parts[index] ?? 0;
  let low = 0;
  while (index > 0 && low === 0) {
    index -= 1;
    const part = parts[index] ?? 0;
    const total = high + part;
    low = part - (total - high);
    high = total;
  }
  const beyond = index > 0 ? (parts[index - 1] ?? 0) : 0;
  const sameSign = (low < 0 && beyond < 0) || (low > 0 && beyond > 0);
  if (!sameSign) return high;
  // `high` was rounded at a tie, but the rest says that it should have been rounded the other way.
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
