import type { Json } from "../../core/json/json.ts";
import type { Column } from "../groups/column.ts";
import { ExactSum, MOST_COARSE, ORDINARY, carryOf, coarseOf, isFine } from "./exact-sum.ts";
import { encodedRange, mergeOneByOne } from "../groups/column.ts";
import { numberText } from "../groups/number-column.ts";
import { withinRange } from "./within-range.ts";

/**
 * Exact sums of many groups: the parts that `ExactSum` keeps of ordinary numbers, as lists of numbers. A
 * group that needs more has an `ExactSum` beside them.
 */
export class SumColumn implements Column<number> {
  readonly #whole: number[] = [];
  readonly #coarse: number[] = [];
  readonly #fine: number[] = [];
  readonly #rest = new Map<number, ExactSum>();

  add(at: number, value: number): void {
    if (at === this.#whole.length) this.#begin();
    const whole = (this.#whole[at] as number) + value;
    if (Number.isSafeInteger(whole) && Number.isInteger(value)) this.#whole[at] = whole;
    else if (value < ORDINARY && value > -ORDINARY) this.#addOrdinary(at, value);
    else this.#restOf(at).add(value);
  }

  #begin(): void {
    this.#whole.push(0);
    this.#coarse.push(0);
    this.#fine.push(0);
  }

  #addOrdinary(at: number, value: number): void {
    const coarse = coarseOf(value);
    const fine = value - coarse;
    if (!isFine(fine)) return this.#restOf(at).add(value);
    const fines = (this.#fine[at] as number) + fine;
    const carry = carryOf(fines);
    this.#fine[at] = fines - carry;
    const total = (this.#coarse[at] as number) + coarse + carry;
    if (total < MOST_COARSE && total > -MOST_COARSE) this.#coarse[at] = total;
    else {
      this.#coarse[at] = 0;
      this.#restOf(at).add(total);
    }
  }

  #restOf(at: number): ExactSum {
    let rest = this.#rest.get(at);
    if (rest === undefined) this.#rest.set(at, (rest = new ExactSum()));
    return rest;
  }

  merge(at: number, other: SumColumn, from: number): void {
    this.add(at, other.#whole[from] as number);
    const coarse = other.#coarse[from] as number;
    const fine = other.#fine[from] as number;
    if (coarse !== 0) this.add(at, coarse);
    if (fine !== 0) this.add(at, fine);
    const rest = other.#rest.get(from);
    if (rest !== undefined) this.#restOf(at).addSum(rest);
  }

  mergeEncoded(at: number, json: Json): void {
    if (typeof json === "number") return this.add(at, json);
    if (at === this.#whole.length) this.#begin();
    for (const part of json as readonly Json[]) {
      if (typeof part === "number") this.add(at, part);
      else this.#restOf(at).addSum(ExactSum.from([part]));
    }
  }

  encode(at: number): Json {
    const whole = this.#whole[at] as number;
    const coarse = this.#coarse[at] as number;
    const fine = this.#fine[at] as number;
    const rest = this.#rest.size === 0 ? undefined : this.#rest.get(at);
    if (rest !== undefined) return this.sum(at).toJSON();
    if (coarse === 0 && fine === 0) return whole;
    // The text of two parts is long. Usually they are one double.
    const fraction = coarse + fine;
    const error = fine - (fraction - coarse);
    if (error === 0) return whole === 0 ? fraction : [whole, fraction];
    return [whole, fraction, error];
  }

  encodeRange(from: number, to: number): Json {
    return encodedRange(this, from, to);
  }

  mergeRange(ats: readonly number[], json: Json): void {
    mergeOneByOne(this, ats, json);
  }

  finish(at: number): number {
    const isPlain = this.#fine[at] === 0 && !this.#rest.has(at);
    // The sum of two doubles is rounded once.
    const total = isPlain ? (this.#whole[at] as number) + (this.#coarse[at] as number) : this.sum(at).value();
    return withinRange(total);
  }

  text(at: number): string | null {
    return numberText(this.finish(at));
  }

  /** The sum of one group. */
  sum(at: number): ExactSum {
    const sum = new ExactSum();
    sum.add(this.#whole[at] as number);
    sum.add(this.#coarse[at] as number);
    sum.add(this.#fine[at] as number);
    const rest = this.#rest.get(at);
    if (rest !== undefined) sum.addSum(rest);
    return sum;
  }
}
