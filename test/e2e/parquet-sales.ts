/** The rows of `sales.ts` as a Parquet file, whose columns are text like those of the CSV file. */
import { craftedGroups, plainTexts } from "../input/parquet/crafted.ts";
import type { CraftedColumn } from "../input/parquet/crafted.ts";
import { slices } from "../input/parquet/numbered-rows.ts";
import type { Row } from "./sales.ts";

const NAMES = ["id", "country", "amount", "note"] as const;
const BYTE_ARRAY = 6;
const UTF8 = 0;

export function parquetOf(rows: readonly Row[], groupRows: number, pageRows: number): Buffer {
  const groups = slices(rows, groupRows).map((group) => {
    const columns = NAMES.map((name): CraftedColumn => {
      const pages = slices(group, pageRows).map((some) => {
        return { bytes: plainTexts(...some.map((row) => String(row[name] ?? "none"))), entries: some.length };
      });
      return { name, type: BYTE_ARRAY, converted: UTF8, pages };
    });
    return { rows: group.length, columns };
  });
  return craftedGroups(groups);
}
