/** The accumulators of groups, by key, in the order of the first appearance of the keys. */
import { isObject } from "../../core/json/json.ts";
import type { Json } from "../../core/json/json.ts";
import type { Join } from "../join.ts";
import type { InputPlace } from "../place.ts";
import { columnOf } from "./column.ts";
import type { Column } from "./column.ts";
import { stepText } from "../../core/json/strict-json.ts";
import { textOf } from "./result-text.ts";

/** Groups of the first block; then a block gets as many as fit. */
const FIRST_BLOCK = 64;
/** A character that JSON writes as it is, and that hardly any key has. */
const BETWEEN_KEYS = "\x7f";
/** Characters of a part of a result. */
const PART_CHARS = 128 * 1024;
/** JavaScript puts these keys first in an object, in ascending order. */
const ARRAY_INDEX = /^(?:0|[1-9]\d{0,9})$/;
const MOST_INDEX = 2 ** 32 - 2;

/** Keys and accumulators side by side: flat lists are read faster than pairs. */
interface Block {
  /** One text: V8 looks up each short string of JSON in a table of its own. A list, if need be. */
  readonly keys: string | readonly string[];
  readonly values: Json;
}

/** A group that has blocks of its own. */
interface PartOfGroup {
  readonly key: string;
  readonly block: Json;
}

export class GroupTable {
  readonly keys = new Map<string, number>();
  readonly column: Column;

  constructor(join: Join<unknown, unknown>) {
    this.column = columnOf(join);
  }

  add(key: string, prepared: unknown, place: InputPlace): void {
    const at = this.keys.get(key);
    if (at !== undefined) return this.column.add(at, prepared, place);
    const { size } = this.keys;
    this.column.add(size, prepared, place);
    this.keys.set(key, size);
  }

  merge(other: GroupTable): void {
    for (const [key, from] of other.keys) this.column.merge(this.#at(key), other.column, from);
  }

  mergeEncoded(json: Json): void {
    if (Array.isArray(json)) {
      // Only `encode` writes them, so their shape is not checked.
      const pairs = json as readonly (readonly [string, Json])[];
      for (const [key, value] of pairs) this.column.mergeEncoded(this.#at(key), value);
      return;
    }
    if (isObject(json) && "key" in json) {
      const { key, block } = json as unknown as PartOfGroup;
      return this.column.mergeEncoded(this.#at(key), block);
    }
    const { keys, values } = json as unknown as Block;
    this.column.mergeRange(
      (typeof keys === "string" ? keys.split(BETWEEN_KEYS) : keys).map((key) => this.#at(key)),
      values,
    );
  }

  /** The number of a group, which may be new. */
  #at(key: string): number {
    const at = this.keys.get(key);
    if (at !== undefined) return at;
    const { size } = this.keys;
    this.keys.set(key, size);
    return size;
  }

  encode(): Json {
    return Array.from(this.keys, ([key, at]): Json => [key, this.column.encode(at)]);
  }

  get groups(): number {
    const { column, keys } = this;
    let groups = keys.size;
    if (column.groups) for (let at = 0; at < keys.size; at++) groups += column.groups(at);
    return groups;
  }

  *blocks(chars: number): Generator<string> {
    const { column } = this;
    let keys: string[] = [];
    let most = FIRST_BLOCK;
    let from = 0;
    const text = (to: number): string => {
      const block = JSON.stringify({
        keys: joined(keys),
        values: column.encodeRange(from, to),
      } satisfies Block);
      most = Math.max(1, Math.min(2 * most, Math.floor((keys.length * chars) / block.length)));
      keys = [];
      from = to;
      return block;
    };
    for (const [key, at] of this.keys) {
      if (column.blocks && (column.groups?.(at) ?? 0) > most) {
        if (keys.length > 0) yield text(at);
        for (const block of column.blocks(at, chars)) yield `{"key":${JSON.stringify(key)},"block":${block}}`;
        from = at + 1;
        continue;
      }
      keys.push(key);
      if (keys.length >= most) yield text(at + 1);
    }
    if (keys.length > 0 || this.keys.size === 0) yield text(this.keys.size);
  }

  /** The results, by key, as one JSON object in parts. */
  *resultText(path: string): Generator<string> {
    let part = "{";
    let comma = "";
    for (const [key, at] of this.#inObjectOrder()) {
      const text = textOf(this.column.finish(at), `${path}${stepText(key)}`);
      // As in an object, a property that is undefined is left out.
      if (text === undefined) continue;
      part += `${comma}${JSON.stringify(key)}:${text}`;
      comma = ",";
      if (part.length < PART_CHARS) continue;
      yield part;
      part = "";
    }
    yield `${part}}`;
  }

  #inObjectOrder(): Iterable<readonly [key: string, at: number]> {
    const indexes: number[] = [];
    for (const key of this.keys.keys()) if (isIndex(key)) indexes.push(Number(key));
    return indexes.length === 0 ? this.keys : this.#indexesFirst(Float64Array.from(indexes).toSorted());
  }

  *#indexesFirst(sorted: Float64Array): Generator<readonly [key: string, at: number]> {
    for (const index of sorted) yield [`${index}`, this.#at(`${index}`)];
    if (sorted.length === this.keys.size) return;
    for (const entry of this.keys) if (!isIndex(entry[0])) yield entry;
  }
}

function joined(keys: readonly string[]): Block["keys"] {
  const isPlain = keys.length > 0 && !keys.some((key) => key.includes(BETWEEN_KEYS));
  return isPlain ? keys.join(BETWEEN_KEYS) : keys;
}

function isIndex(key: string): boolean {
  return ARRAY_INDEX.test(key) && Number(key) <= MOST_INDEX;
}
