/** Makes items of the rows of a row group, some hundreds at a time. */
import type { ObjectStore } from "../../ports.ts";
import type { Records, RecordPosition, Source, Unreadable } from "../reader.ts";
import { unreadable } from "../text/unreadable.ts";
import { Damage } from "../unpack/damage.ts";
import { Assembler } from "./assemble.ts";
import type { LeafPlace } from "./assemble.ts";
import { ColumnPages } from "./pages/column-pages.ts";
import { groupBytes } from "./group-bytes.ts";
import { shapeOf } from "./item-shape.ts";
import type { MakeItem } from "./item-shape.ts";
import type { Field } from "./schema.ts";
import { positionOfRow } from "./table.ts";
import type { ParquetTable, TableGroup } from "./table.ts";
import { Unfit } from "./values.ts";

/** Items that are made at once; fewer if their values are large. */
const MOST_ROWS = 1024;
const TARGET_BYTES = 1024 * 1024;

/** The columns of one field of the items. */
interface FieldColumns {
  readonly field: Field;
  readonly columns: readonly ColumnPages[];
}

export interface RowsRequest {
  readonly source: Source;
  readonly store: ObjectStore;
  readonly table: ParquetTable;
  readonly group: TableGroup;
  /** Rows `from` up to `to` (exclusive) of the group. */
  readonly from: number;
  readonly to: number;
}

/**
 * The items of some rows. Where the pages of a column cannot be told apart any more, the rows of
 * the group from there on cannot be read.
 */
export async function* rowsOf(request: RowsRequest): AsyncGenerator<Records> {
  const { table, group, from, to } = request;
  const make = shapeOf(table.fields.map(({ name }) => name));
  const size = Math.max(
    1,
    Math.min(MOST_ROWS, Math.floor((TARGET_BYTES * group.rows) / (group.end - group.start))),
  );
  let row = from;
  try {
    const fields = await openFields(request);
    while (row < to) {
      const count = await loaded(fields, Math.min(size, to - row));
      yield recordsOf(fields, make, { group, row, count });
      row += count;
    }
  } catch (thrown) {
    if (!(thrown instanceof Damage)) throw thrown;
    yield* damagedRows(thrown, request, row);
  }
}

async function openFields({ source, store, table, group, from }: RowsRequest): Promise<FieldColumns[]> {
  const chunks = group.columns.flat().map(({ chunk }) => chunk);
  const bytesOf = await groupBytes(source, store, chunks);
  const fields = table.fields.map((field, index) => {
    const columns = (group.columns[index] ?? []).map(
      ({ leaf, chunk }) => new ColumnPages(leaf, chunk, bytesOf(chunk), field.name),
    );
    return { field, columns };
  });
  for (const { columns } of fields) for (const column of columns) await column.skip(from);
  return fields;
}

/**
 * How many rows are there in all columns: as many as wanted, or before the first damaged page. Throws
 * `Damage` if that is none.
 */
async function loaded(fields: readonly FieldColumns[], wanted: number): Promise<number> {
  let count = wanted;
  let fault: Damage | null = null;
  for (const { columns } of fields) {
    for (const column of columns) {
      if (column.rows >= count) continue;
      try {
        await column.load(count);
      } catch (thrown) {
        if (!(thrown instanceof Damage)) throw thrown;
        fault ??= thrown;
        count = Math.min(count, column.rows);
      }
    }
  }
  if (count === 0 && fault) throw fault;
  return count;
}

interface Stretch {
  readonly group: TableGroup;
  /** Its first row in the group. */
  readonly row: number;
  readonly count: number;
}

type UnfitRows = Map<number, Unreadable>;

/** The values of one field: of a nested one they are objects, which code may change. */
interface FieldValues {
  readonly values: ArrayLike<unknown>;
  /** The value at `index`, made once more. */
  again(index: number): unknown;
}

function recordsOf(fields: readonly FieldColumns[], make: MakeItem, { group, row, count }: Stretch): Records {
  const unfit: UnfitRows = new Map();
  const taken = fields.map((one) => valuesOf(one, count, unfit));
  const columns = taken.map(({ values }) => values);
  const values: unknown[] = [];
  for (let index = 0; index < count; index++) {
    values.push(unfit.has(index) ? undefined : make(columns, index));
  }
  const again = (index: number): unknown =>
    make(
      taken.map((field) => [field.again(index)]),
      0,
    );
  return {
    values,
    unreadable: unfit.size === 0 ? null : unfit,
    lines: null,
    locate: (index) => rowPosition(group, row + index, () => textOf(again(index))),
    again,
  };
}

function valuesOf({ field, columns }: FieldColumns, count: number, unfit: UnfitRows): FieldValues {
  const [only] = columns;
  if (only?.leaf.flat === true) {
    const values = only.take(count);
    if (only.unfit) noteUnfit(values, field, unfit);
    return { values, again: (index) => values[index] };
  }
  const begin = columns.map(({ leaf, place }) => ({ leaf, place }));
  const assembler = new Assembler(field, begin);
  const values: unknown[] = [];
  for (let index = 0; index < count; index++) values.push(assembler.row());
  for (const column of columns) column.drop(count);
  noteUnfit(values, field, unfit);
  return { values, again: (index) => nestedValue(field, begin, index) };
}

/** The rows before it are put together too: that is only done for a failed item. */
function nestedValue(field: Field, begin: readonly LeafPlace[], index: number): unknown {
  const assembler = new Assembler(field, begin);
  for (let before = 0; before < index; before++) assembler.row();
  return assembler.row();
}

function noteUnfit(values: ArrayLike<unknown>, { name }: Field, unfit: UnfitRows): void {
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (value instanceof Unfit)
      unfit.set(index, unreadable(`column ${JSON.stringify(name)} ${value.reason}`));
  }
}

function rowPosition(group: TableGroup, row: number, text: () => string): RecordPosition {
  return {
    offset: null,
    line: null,
    rowGroup: group.index,
    row,
    // Made only for a failed item.
    get raw() {
      return text();
    },
    key: positionOfRow(group, row),
  };
}

/** More of a text is not shown. */
const SHOWN_CHARS = 8192;

function textOf(item: unknown): string {
  return JSON.stringify(item, (_, value: unknown) => {
    if (value instanceof Unfit) return null;
    return typeof value === "string" && value.length > SHOWN_CHARS ? value.slice(0, SHOWN_CHARS) : value;
  });
}

/** Each of the rows is a failed item: so counts and indexes are the same however the input is cut. */
function* damagedRows(damage: Damage, { group, to }: RowsRequest, from: number): Generator<Records> {
  const reason = unreadable(`row group ${group.index} cannot be read: ${damage.message}`);
  for (let row = from; row < to; row += MOST_ROWS) {
    const count = Math.min(MOST_ROWS, to - row);
    yield {
      values: Array.from({ length: count }, () => undefined),
      unreadable: new Map(Array.from({ length: count }, (_, index) => [index, reason])),
      lines: null,
      locate: (index) => rowPosition(group, row + index, () => ""),
    };
  }
}
