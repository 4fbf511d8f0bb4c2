/** The keys of groups, numbered in the order of their first appearance. */
import { KeyIndex, SEPARATOR } from "./key-index.ts";

/** Up to here a `Map` is as fast, and smaller. */
const FEW = 32_768;

export class KeyTable implements Iterable<readonly [key: string, number: number]> {
  readonly #few = new Map<string, number>();
  /** The keys of the map, once one is asked for by its number: `groupBy` in `groupBy` makes many tables. */
  #names: readonly string[] | null = null;
  /** In place of the map, if there are many. */
  #many: KeyIndex | null = null;

  get size(): number {
    return this.#many === null ? this.#few.size : this.#many.size;
  }

  /** -1: the key is new. */
  find(key: string): number {
    return this.#many === null ? (this.#few.get(key) ?? -1) : this.#many.find(key, 0, key.length);
  }

  /** The key that `find` was asked for last is new: it gets the next number. */
  add(key: string): number {
    if (this.#many !== null) return this.#many.add(key, 0, key.length);
    const number = this.#few.size;
    this.#few.set(key, number);
    this.#names = null;
    if (number === FEW) this.#many = this.#indexed();
    return number;
  }

  /** The number of a key, which may be new. */
  at(key: string): number {
    const number = this.find(key);
    return number === -1 ? this.add(key) : number;
  }

  /** The numbers of the keys that `joined` gave. */
  atEach(keys: string | readonly string[]): number[] {
    if (typeof keys !== "string") return keys.map((key) => this.at(key));
    const numbers: number[] = [];
    // No key of many becomes a string of its own.
    for (let from = 0; from <= keys.length;) {
      const separator = keys.indexOf(SEPARATOR, from);
      const to = separator === -1 ? keys.length : separator;
      numbers.push(this.#many === null ? this.at(keys.slice(from, to)) : within(this.#many, keys, from, to));
      from = to + 1;
    }
    return numbers;
  }

  #indexed(): KeyIndex {
    const index = new KeyIndex();
    for (const key of this.#few.keys()) within(index, key, 0, key.length);
    this.#few.clear();
    return index;
  }

  /**
   * The keys of these numbers. One text, because V8 looks up each short string of JSON in a table of its own.
   */
  joined(from: number, to: number): string | string[] {
    const text = this.#many?.joined(from, to) ?? null;
    if (text !== null) return text;
    const names = Array.from({ length: to - from }, (_, place) => this.name(from + place));
    const isPlain = names.length > 0 && !names.some((name) => name.includes(SEPARATOR));
    return isPlain ? names.join(SEPARATOR) : names;
  }

  name(number: number): string {
    if (this.#many !== null) return this.#many.textAt(number);
    this.#names ??= [...this.#few.keys()];
    return this.#names[number] as string;
  }

  names(): Iterable<string> {
    return this.#many === null ? this.#few.keys() : this.#many.texts();
  }

  *[Symbol.iterator](): Generator<readonly [key: string, number: number]> {
    let number = 0;
    for (const key of this.names()) yield [key, number++];
  }
}

function within(index: KeyIndex, text: string, from: number, to: number): number {
  const number = index.find(text, from, to);
  return number === -1 ? index.add(text, from, to) : number;
}
