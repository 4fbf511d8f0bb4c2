/** Many accumulators of one join, side by side: a million objects would take several times the memory. */
import type { Json } from "../../core/json/json.ts";
import type { Join } from "../join.ts";
import type { InputPlace } from "../place.ts";

/**
 * The accumulators of a join, by number. They are made in order: the first call for number `n` is made when
 * there are `n` of them. If `add` throws, the column is not used again.
 */
export interface Column<Prepared = unknown> {
  add(at: number, prepared: Prepared, place: InputPlace): void;
  /** `other` is a column of the same join, and is not used again. */
  merge(at: number, other: Column<Prepared>, from: number): void;
  mergeEncoded(at: number, json: Json): void;
  encode(at: number): Json;
  /** The accumulators from number `from` up to `to` (exclusive): flat lists are read faster than many. */
  encodeRange(from: number, to: number): Json;
  /** Merges what `encodeRange` wrote into the accumulators `ats`, in this order. */
  mergeRange(ats: readonly number[], json: Json): void;
  finish(at: number): unknown;
  /** `JSON.stringify(finish(at))`, where that is quick. `null` or absent: it is made of `finish`. */
  text?(at: number): string | null;
  /** How many groups the accumulator holds within itself. Absent: none. */
  groups?(at: number): number;
  /** As `LargeJoin.blocks`. Absent: its accumulators are small. */
  blocks?(at: number, chars: number): Iterable<string>;
}

export function columnOf(join: Join<unknown, unknown>): Column {
  return join.column?.() ?? new ObjectColumn(join);
}

/** Keeps the accumulators as they are. */
export class ObjectColumn implements Column {
  readonly #join: Join<unknown, unknown>;
  readonly #accs: unknown[] = [];
  readonly groups?: (at: number) => number;
  readonly blocks?: (at: number, chars: number) => Iterable<string>;

  constructor(join: Join<unknown, unknown>) {
    this.#join = join;
    const { large } = join;
    if (large === undefined) return;
    this.groups = (at) => large.groups(this.#accs[at]);
    this.blocks = (at, chars) => large.blocks(this.#accs[at], chars);
  }

  add(at: number, prepared: unknown, place: InputPlace): void {
    const accs = this.#accs;
    const acc = at < accs.length ? accs[at] : this.#join.init();
    accs[at] = this.#join.add(acc, prepared, place);
  }

  merge(at: number, other: ObjectColumn, from: number): void {
    const accs = this.#accs;
    const acc = other.#accs[from];
    accs[at] = at < accs.length ? this.#join.merge(accs[at], acc) : acc;
  }

  mergeEncoded(at: number, json: Json): void {
    const accs = this.#accs;
    const join = this.#join;
    if (at >= accs.length) accs[at] = join.decode(json);
    else if (join.large) accs[at] = join.large.mergeEncoded(accs[at], json);
    else accs[at] = join.merge(accs[at], join.decode(json));
  }

  encode(at: number): Json {
    return this.#join.encode(this.#accs[at]);
  }

  encodeRange(from: number, to: number): Json {
    return encodedRange(this, from, to);
  }

  mergeRange(ats: readonly number[], json: Json): void {
    mergeOneByOne(this, ats, json);
  }

  finish(at: number): unknown {
    return this.#join.finish(this.#accs[at]);
  }
}

/** For columns without a shorter form: a list. */
export function encodedRange(column: Pick<Column, "encode">, from: number, to: number): Json[] {
  const encoded: Json[] = [];
  for (let at = from; at < to; at++) encoded.push(column.encode(at));
  return encoded;
}

/** Only `encodedRange` writes it, so its shape is not checked. */
export function mergeOneByOne(
  column: Pick<Column, "mergeEncoded">,
  ats: readonly number[],
  json: Json,
): void {
  const encoded = json as readonly Json[];
  for (let i = 0; i < ats.length; i++) column.mergeEncoded(ats[i] as number, encoded[i] as Json);
}
