/** What joins by groups have in common, however their result looks. */
import type { Json } from "../../core/json/json.ts";
import { keyText } from "../group-key.ts";
import type { GroupKey } from "../group-key.ts";
import type { Join, LargeJoin } from "../join.ts";
import { GroupTable } from "./group-table.ts";

/** A prepared value, with the key of its group. */
export interface Keyed {
  key: string;
  prepared: unknown;
}

export interface Grouping<Value> extends Omit<
  Join<Value, unknown, GroupTable, Keyed>,
  "finish" | "large" | "column"
> {
  readonly large: Omit<LargeJoin<GroupTable>, "resultText" | "resultGroups">;
}

export function grouping<Value>(
  key: (value: Value) => GroupKey,
  inner: Join<Value, unknown>,
): Grouping<Value> {
  const table = (): GroupTable => new GroupTable(inner);
  // One object for all values: the next `add` consumes a prepared value.
  const scratch: Keyed = { key: "", prepared: null };
  const mergeEncoded = (acc: GroupTable, json: Json): GroupTable => {
    acc.mergeEncoded(json);
    return acc;
  };
  return {
    init: table,
    prepare(value) {
      const selected: unknown = key(value);
      scratch.key = typeof selected === "string" ? selected : keyText("groupBy", selected, value);
      scratch.prepared = inner.prepare(value);
      return scratch;
    },
    add(acc, keyed, place) {
      acc.add(keyed.key, keyed.prepared, place);
      return acc;
    },
    merge(left, right) {
      left.merge(right);
      return left;
    },
    encode: (acc) => acc.encode(),
    decode: (json) => mergeEncoded(table(), json),
    outputs: inner.outputs,
    flat: inner.flat,
    keyed: inner.keyed,
    placed: inner.placed,
    large: {
      groups: (acc) => acc.groups,
      mergeEncoded,
      blocks: (acc, chars) => acc.blocks(chars),
    },
  };
}
