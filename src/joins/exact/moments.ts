/** Count, sum and sum of squares, all exact. */
import type { Json } from "../../core/json/json.ts";
import { ExactSum } from "./exact-sum.ts";
import { toFixed } from "./fixed-point.ts";

/** The square of a number within these bounds, and its rounding error, are doubles that lose no bit. */
const LARGEST = 2 ** 480;
const SMALLEST = 2 ** -450;
/** Splits a double into two halves of 26 bits: T. J. Dekker, Numerische Mathematik 18 (1971), 224-242. */
const SPLITTER = 2 ** 27 + 1;
/** The squares of fixed numbers have the unit 2^-2148, exact sums the unit 2^-1074. */
const TO_SQUARES = 1074n;

export class Moments {
  count = 0;
  readonly #sum: ExactSum;
  readonly #squares: ExactSum;
  /** The squares of very large and very small numbers, in units of 2^-2148. */
  #rest = 0n;

  constructor(sum = new ExactSum(), squares = new ExactSum()) {
    this.#sum = sum;
    this.#squares = squares;
  }

  add(value: number): void {
    this.count++;
    this.#sum.add(value);
    const size = Math.abs(value);
    if (size === 0) return;
    if (size > LARGEST || size < SMALLEST) {
      this.#rest += toFixed(value) ** 2n;
      return;
    }
    const square = value * value;
    this.#squares.add(square);
    const error = squareError(value, square);
    if (error !== 0) this.#squares.add(error);
  }

  addMoments(other: Moments): void {
    this.count += other.count;
    this.#sum.addSum(other.#sum);
    this.#squares.addSum(other.#squares);
    this.#rest += other.#rest;
  }

  /** `n·Σx² − (Σx)²`, in units of 2^-2148. It is n² times the variance of a population. */
  spread(): bigint {
    const squares = (this.#squares.fixed() << TO_SQUARES) + this.#rest;
    return BigInt(this.count) * squares - this.#sum.fixed() ** 2n;
  }

  toJSON(): Json {
    const moments = [this.count, this.#sum.toJSON(), this.#squares.toJSON()];
    return this.#rest === 0n ? moments : [...moments, this.#rest.toString(16)];
  }

  static from(json: Json): Moments {
    const [count, sum, squares, rest = "0"] = json as readonly [number, Json, Json, string?];
    const moments = new Moments(ExactSum.from(sum), ExactSum.from(squares));
    moments.count = count;
    moments.#rest = BigInt(`0x${rest}`);
    return moments;
  }
}

/** The rounding error of `square`, which is `value * value`. */
function squareError(value: number, square: number): number {
  const scaled = SPLITTER * value;
  const high = scaled - (scaled - value);
  const low = value - high;
  return high * high - square + 2 * high * low + low * low;
}
