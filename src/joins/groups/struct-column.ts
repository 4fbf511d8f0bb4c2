/** Many accumulators of an object of joins: a column for each of them. */
import type { Json } from "../../core/json/json.ts";
import type { Join } from "../join.ts";
import type { InputPlace } from "../place.ts";
import { columnOf } from "./column.ts";
import { isPartBlock } from "./large-parts.ts";
import type { Column } from "./column.ts";

export class StructColumn implements Column<readonly unknown[]> {
  readonly #names: readonly string[];
  readonly #columns: readonly Column[];
  /** The text before each value in the text of a group. */
  readonly #nameTexts: readonly string[] | null;

  constructor(names: readonly string[], joins: readonly Join<never, unknown>[]) {
    this.#names = names;
    // An object puts names that are whole numbers first.
    const isInOrder = !names.some((name) => /^\d/.test(name));
    this.#nameTexts = isInOrder
      ? names.map((name, i) => `${i === 0 ? "{" : ","}${JSON.stringify(name)}:`)
      : null;
    this.#columns = joins.map((join) => columnOf(join));
    if (!joins.some(({ large }) => large !== undefined)) return;
    this.groups = (at) => this.#columns.reduce((sum, column) => sum + (column.groups?.(at) ?? 0), 0);
    this.blocks = (at, chars) => this.#blocks(at, chars);
  }

  readonly groups?: (at: number) => number;
  readonly blocks?: (at: number, chars: number) => Iterable<string>;

  add(at: number, prepared: readonly unknown[], place: InputPlace): void {
    const columns = this.#columns;
    for (let i = 0; i < columns.length; i++) columns[i]?.add(at, prepared[i], place);
  }

  merge(at: number, other: StructColumn, from: number): void {
    this.#columns.forEach((column, i) => {
      const part = other.#columns[i];
      if (part) column.merge(at, part, from);
    });
  }

  mergeEncoded(at: number, json: Json): void {
    const columns = this.#columns;
    if (isPartBlock(json)) return columns[json.part]?.mergeEncoded(at, json.block);
    // Only `encode` and `blocks` write it, so its shape is not checked.
    const encoded = json as readonly Json[];
    for (let i = 0; i < columns.length; i++) columns[i]?.mergeEncoded(at, encoded[i] as Json);
  }

  encode(at: number): Json {
    return this.#columns.map((column) => column.encode(at));
  }

  encodeRange(from: number, to: number): Json {
    return this.#columns.map((column) => column.encodeRange(from, to));
  }

  mergeRange(ats: readonly number[], json: Json): void {
    const parts = json as readonly Json[];
    this.#columns.forEach((column, i) => column.mergeRange(ats, parts[i] as Json));
  }

  /** All parts of a group come before the next group, so each column gets its groups in order. */
  *#blocks(at: number, chars: number): Generator<string> {
    for (const [part, column] of this.#columns.entries()) {
      const texts = column.blocks?.(at, chars) ?? [JSON.stringify(column.encode(at))];
      for (const block of texts) yield `{"part":${part},"block":${block}}`;
    }
  }

  text(at: number): string | null {
    if (this.#nameTexts === null) return null;
    let text = "";
    for (const [i, column] of this.#columns.entries()) {
      const part = column.text?.(at) ?? null;
      if (part === null) return null;
      text += `${this.#nameTexts[i]}${part}`;
    }
    return `${text}}`;
  }

  finish(at: number): unknown {
    return Object.fromEntries(this.#columns.map((column, i) => [this.#names[i], column.finish(at)]));
  }
}
