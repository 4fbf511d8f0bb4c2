/** A Parquet file of numbered rows: some columns, some row groups. */
import { craftedGroups, plainInts, plainTexts } from "./crafted.ts";
import type { CraftedColumn } from "./crafted.ts";

const INT32 = 1;
const BYTE_ARRAY = 6;
const UTF8 = 0;

export interface NumberedRows {
  readonly rows: number;
  readonly groupRows: number;
  /** Bytes of a column that the job does not pick. */
  readonly ballast?: number;
  /** The page of this group has fewer values than its header says. */
  readonly damagedGroup?: number;
}

/** Rows with `id` from 0 on; a page has ten of them. */
export function numberedRows({ rows, groupRows, ballast = 1, damagedGroup }: NumberedRows): Buffer {
  const ids = Array.from({ length: rows }, (_, n) => n);
  const groups = slices(ids, groupRows).map((group, number) => {
    const pages = slices(group, 10);
    const columnOf = (bytes: (some: readonly number[]) => Buffer): Pick<CraftedColumn, "pages"> => ({
      pages: pages.map((some) => ({ bytes: bytes(some), entries: some.length })),
    });
    const cut = number === damagedGroup ? 4 : 0;
    const id = columnOf((some) => plainInts(...some).subarray(cut));
    const text = (values: readonly string[]): Buffer => plainTexts(...values);
    const large = columnOf((some) => text(some.map((_, n) => (n === 0 ? "x".repeat(ballast) : ""))));
    const note = columnOf((some) => text(some.map((n) => `é${n}`)));
    return {
      rows: group.length,
      columns: [
        { name: "id", type: INT32, ...id },
        { name: "large", type: BYTE_ARRAY, converted: UTF8, ...large },
        { name: "note", type: BYTE_ARRAY, converted: UTF8, ...note },
      ],
    };
  });
  return craftedGroups(groups);
}

export function slices<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) =>
    items.slice(n * size, n * size + size),
  );
}
