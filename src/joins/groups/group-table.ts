/** The accumulators of groups, by key, in the order of the first appearance of the keys. */
import { isObject } from "../../core/json/json.ts";
import type { Json } from "../../core/json/json.ts";
import type { Join } from "../join.ts";
import type { InputPlace } from "../place.ts";
import { columnOf } from "./column.ts";
import type { Column } from "./column.ts";
import { KeyTable } from "./key-table.ts";
import { stepText } from "../../core/json/strict-json.ts";
import { textOf } from "./result-text.ts";

/** Groups of the first block; then a block gets as many as fit. */
const FIRST_BLOCK = 64;
/** Characters of a part of a result. */
const PART_CHARS = 128 * 1024;
/** JavaScript puts these keys first in an object, in ascending order. */
const ARRAY_INDEX = /^(?:0|[1-9]\d{0,9})$/;
const MOST_INDEX = 2 ** 32 - 2;

/** Keys and accumulators side by side: flat lists are read faster than pairs. */
interface Block {
  /** As `KeyTable.joined` gives them. */
  readonly keys: string | readonly string[];
  readonly values: Json;
}

/** A group that has blocks of its own. */
interface PartOfGroup {
  readonly key: string;
  readonly block: Json;
}

export class GroupTable {
  readonly keys = new KeyTable();
  readonly column: Column;

  constructor(join: Join<unknown, unknown>) {
    this.column = columnOf(join);
  }

  add(key: string, prepared: unknown, place: InputPlace): void {
    const { keys, column } = this;
    const at = keys.find(key);
    if (at !== -1) return column.add(at, prepared, place);
    column.add(keys.size, prepared, place);
    keys.add(key);
  }

  merge(other: GroupTable): void {
    for (const [key, from] of other.keys) this.column.merge(this.keys.at(key), other.column, from);
  }

  mergeEncoded(json: Json): void {
    if (Array.isArray(json)) {
      // Only `encode` writes them, so their shape is not checked.
      const pairs = json as readonly (readonly [string, Json])[];
      for (const [key, value] of pairs) this.column.mergeEncoded(this.keys.at(key), value);
      return;
    }
    if (isObject(json) && "key" in json) {
      const { key, block } = json as unknown as PartOfGroup;
      return this.column.mergeEncoded(this.keys.at(key), block);
    }
    const { keys, values } = json as unknown as Block;
    this.column.mergeRange(this.keys.atEach(keys), values);
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
    const { column, keys } = this;
    let most = FIRST_BLOCK;
    let from = 0;
    const text = (to: number): string => {
      const values = column.encodeRange(from, to);
      const block = JSON.stringify({ keys: keys.joined(from, to), values } satisfies Block);
      most = Math.max(1, Math.min(2 * most, Math.floor(((to - from) * chars) / block.length)));
      from = to;
      return block;
    };
    for (let at = 0; at < keys.size; at++) {
      if (column.blocks && (column.groups?.(at) ?? 0) > most) {
        if (from < at) yield text(at);
        const key = JSON.stringify(keys.name(at));
        for (const block of column.blocks(at, chars)) yield `{"key":${key},"block":${block}}`;
        from = at + 1;
      } else if (at + 1 - from >= most) yield text(at + 1);
    }
    if (from < keys.size || keys.size === 0) yield text(keys.size);
  }

  /** The results, by key, as one JSON object in parts. */
  *resultText(path: string): Generator<string> {
    let part = "{";
    let comma = "";
    const { column } = this;
    for (const [key, at] of this.#inObjectOrder()) {
      const text = column.text?.(at) ?? textOf(column.finish(at), () => `${path}${stepText(key)}`);
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
    for (const key of this.keys.names()) if (isIndex(key)) indexes.push(Number(key));
    return indexes.length === 0 ? this.keys : this.#indexesFirst(Float64Array.from(indexes).toSorted());
  }

  *#indexesFirst(sorted: Float64Array): Generator<readonly [key: string, at: number]> {
    for (const index of sorted) yield [`${index}`, this.keys.find(`${index}`)];
    if (sorted.length === this.keys.size) return;
    for (const entry of this.keys) if (!isIndex(entry[0])) yield entry;
  }
}

function isIndex(key: string): boolean {
  return ARRAY_INDEX.test(key) && Number(key) <= MOST_INDEX;
}
