import type { Json } from "../../core/json/json.ts";
import type { Column } from "./column.ts";

/** Accumulators that are numbers, such as counts. `combine` is how two of them become one. */
export class NumberColumn implements Column<number> {
  readonly #combine: (left: number, right: number) => number;
  readonly #numbers: number[] = [];

  constructor(combine: (left: number, right: number) => number) {
    this.#combine = combine;
  }

  add(at: number, value: number): void {
    const numbers = this.#numbers;
    numbers[at] = at < numbers.length ? this.#combine(numbers[at] as number, value) : value;
  }

  merge(at: number, other: NumberColumn, from: number): void {
    this.add(at, other.#numbers[from] as number);
  }

  mergeEncoded(at: number, json: Json): void {
    this.add(at, Number(json));
  }

  encode(at: number): number {
    return this.#numbers[at] as number;
  }

  encodeRange(from: number, to: number): Json {
    return this.#numbers.slice(from, to);
  }

  mergeRange(ats: readonly number[], json: Json): void {
    const values = json as readonly number[];
    for (let i = 0; i < ats.length; i++) this.add(ats[i] as number, values[i] as number);
  }

  finish(at: number): number {
    return this.#numbers[at] as number;
  }

  text(at: number): string | null {
    return numberText(this.#numbers[at] as number);
  }
}

/** As `JSON.stringify` writes it; `null` for what JSON would change. */
export function numberText(number: number): string | null {
  return Number.isFinite(number) ? `${number}` : null;
}
