/** How one row becomes an item: which columns it has, and the functions that make the object. */
import type { CsvFormat } from "./csv-format.ts";

export type Row = { readonly [column: string]: string };

export interface RowShape {
  readonly format: CsvFormat;
  /** How many fields a row has to have. */
  readonly columns: number;
  /** For each column its number among the wanted ones, −1 if its fields are skipped. */
  readonly slots: Int32Array;
  /** Room for the `cuts` of one row, used again for each. */
  readonly cuts: Int32Array;
  /** Makes an item of its wanted fields. */
  readonly ofFields: (fields: readonly string[]) => Row;
  /** Makes an item of a row of `text`. `cuts`: one before the first field, then the end of each field. */
  readonly ofCuts: (text: string, cuts: Int32Array) => Row;
}

/**
 * A compiled function that returns an object literal. V8 makes such an object in one step, and always with
 * the same hidden class. The names are quoted as JSON, which is also JavaScript; `columnsProblem` refuses
 * `__proto__`, the only name with a special meaning in a literal.
 */
function maker(
  parameters: readonly string[],
  names: readonly string[],
  valueOf: (slot: number) => string,
): unknown {
  const properties = names.map((name, slot) => `${JSON.stringify(name)}: ${valueOf(slot)}`);
  // oxlint-disable-next-line typescript/no-implied-eval -- the only text from outside is quoted
  return new Function(...parameters, `return {${properties.join(", ")}};`);
}

/** `wanted`: the columns of the items, in the items' order; each is one of `columns`. */
export function rowShape(columns: readonly string[], wanted: readonly string[], format: CsvFormat): RowShape {
  const numbers = new Map(columns.map((name, index) => [name, index]));
  const slots = new Int32Array(columns.length).fill(-1);
  wanted.forEach((name, slot) => {
    slots[numbers.get(name) ?? -1] = slot;
  });
  const ofFields = maker(["fields"], wanted, (slot) => `fields[${slot}]`);
  const ofCuts = maker(["text", "cuts"], wanted, (slot) => {
    const column = numbers.get(wanted[slot] ?? "") ?? -1;
    return `text.slice(cuts[${column}] + 1, cuts[${column + 1}])`;
  });
  return {
    format,
    columns: columns.length,
    slots,
    cuts: new Int32Array(columns.length + 1),
    ofFields: ofFields as RowShape["ofFields"],
    ofCuts: ofCuts as RowShape["ofCuts"],
  };
}
