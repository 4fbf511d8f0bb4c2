/**
 * A Parquet file as a sequence of rows. Its ranges are positions: each row group takes as many as its wanted
 * columns have bytes, or as it has rows if these are more. Every row has a position of its own, so a chunk
 * can be cut before any row, and sizes of chunks are bytes that have to be read.
 */
import type { Json } from "../../core/json/json.ts";
import type { ObjectStore } from "../../ports.ts";
import { listed, pickProblem } from "../csv/column-names.ts";
import type { Source } from "../reader.ts";
import { remembering } from "../reads/remembered.ts";
import { Damage } from "../unpack/damage.ts";
import { readFooter } from "./footer.ts";
import type { ColumnChunk, Footer, RowGroup } from "./footer.ts";
import { fieldsOf } from "./schema.ts";
import type { Field, Form, Leaf } from "./schema.ts";

/** More columns would not fit into memory at the same time. */
const MAX_COLUMNS = 10_000;

export interface TableColumn {
  readonly leaf: Leaf;
  readonly chunk: ColumnChunk;
}

export interface TableGroup {
  readonly index: number;
  readonly rows: number;
  /** The number of its first row in the file. */
  readonly firstRow: number;
  /** Its positions: `start` up to `end` (exclusive). */
  readonly start: number;
  readonly end: number;
  /** Of each field of the items, in order. */
  readonly columns: readonly (readonly TableColumn[])[];
}

export interface ParquetTable {
  /** The fields of the items, in their order. */
  readonly fields: readonly Field[];
  /** Without row groups that have no rows. */
  readonly groups: readonly TableGroup[];
  /** Where the footer begins in the file. */
  readonly footerStart: number;
}

/** The position of a row of a group, or of its end. */
export function positionOfRow({ start, end, rows }: TableGroup, row: number): number {
  return start + Math.floor((row * (end - start)) / rows);
}

/** The first row at or behind a position. */
export function rowAtPosition(group: TableGroup, position: number): number {
  const { start, end, rows } = group;
  if (position <= start) return 0;
  let row = Math.min(rows, Math.floor(((position - start) * rows) / (end - start)));
  while (row > 0 && positionOfRow(group, row - 1) >= position) row--;
  while (row < rows && positionOfRow(group, row) < position) row++;
  return row;
}

const remembered = remembering<ParquetTable>();

/** The table of a source, remembered for its next chunks. Throws `Damage`. */
export function tableOf(
  source: Source,
  store: ObjectStore,
  options: { readonly [name: string]: Json },
): Promise<ParquetTable> {
  return remembered(source, store, options, () => readTable(source, store, pickIn(options)));
}

function pickIn({ pick }: { readonly [name: string]: Json }): readonly string[] | null {
  return Array.isArray(pick) ? pick.map(String) : null;
}

async function readTable(
  source: Source,
  store: ObjectStore,
  pick: readonly string[] | null,
): Promise<ParquetTable> {
  try {
    return tableIn(await readFooter(source, store), pick);
  } catch (thrown) {
    if (!(thrown instanceof Damage)) throw thrown;
    throw new Damage(`${source.label}: ${thrown.message}`, { cause: thrown });
  }
}

function tableIn(footer: Footer, pick: readonly string[] | null): ParquetTable {
  const all = fieldsOf(footer.schema);
  const fields = pickedOf(all, pick);
  const leaves = fields.map((field) => leavesOf(field.form));
  const columns = leaves.reduce((sum, { length }) => sum + length, 0);
  if (columns > MAX_COLUMNS) {
    throw new Damage(
      `its items would have ${columns} columns, the limit is ${MAX_COLUMNS}: give parquet({ pick })`,
    );
  }
  const total = all.reduce((most, { end }) => Math.max(most, end), 0);
  const groups: TableGroup[] = [];
  let start = 0;
  let firstRow = 0;
  footer.groups.forEach((group, index) => {
    if (group.columns.length !== total)
      throw new Damage(`row group ${index} has ${group.columns.length} columns, its schema has ${total}`);
    if (group.rows === 0) return;
    const own = leaves.map((some) => some.map((leaf) => columnOf(leaf, group, index)));
    const bytes = own.flat().reduce((sum, { chunk }) => sum + chunk.end - chunk.start, 0);
    const end = start + Math.max(bytes, group.rows);
    groups.push({ index, rows: group.rows, firstRow, start, end, columns: own });
    start = end;
    firstRow += group.rows;
  });
  return { fields, groups, footerStart: footer.start };
}

function pickedOf(fields: readonly Field[], pick: readonly string[] | null): readonly Field[] {
  const names = fields.map(({ name }) => name);
  const problem = pick === null ? null : pickProblem(pick, names);
  if (problem !== null) {
    throw new Damage(`parquet() cannot pick a column: ${problem}. Correct parquet({ pick: [...] }).`);
  }
  const wanted = pick ?? names;
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const twice = wanted.find((name) => (counts.get(name) ?? 0) > 1);
  if (twice !== undefined) {
    const others = names.filter((name) => counts.get(name) === 1);
    throw new Damage(
      `two columns are named ${JSON.stringify(twice)}, and an item has one property of a name: give parquet({ pick: [...] }) with other columns (${listed(others)})`,
    );
  }
  const byName = new Map(fields.map((field) => [field.name, field]));
  return wanted.flatMap((name) => byName.get(name) ?? []);
}

function leavesOf(form: Form): readonly Leaf[] {
  switch (form.kind) {
    case "leaf":
      return [form.leaf];
    case "group":
      return form.fields.flatMap((field) => leavesOf(field.form));
    case "list":
    case "map":
      return leavesOf(form.repeated.form);
  }
}

function columnOf(leaf: Leaf, { columns }: RowGroup, index: number): TableColumn {
  const chunk = columns[leaf.column];
  if (chunk === undefined) throw new Damage(`row group ${index} lacks a column`);
  const where = `column ${leaf.column + 1} of row group ${index}`;
  if (chunk.encrypted)
    throw new Damage(`${where} is encrypted, and parquet() has no keys: decrypt the file first`);
  if (chunk.elsewhere !== null) {
    throw new Damage(`${where} is in another file (${chunk.elsewhere}): give the files with the data`);
  }
  if (chunk.type !== leaf.type) throw new Damage(`${where} has another type than in the schema`);
  return { leaf, chunk };
}
