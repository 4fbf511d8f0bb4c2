/** Failed items for tests. */
import type { FailedLine } from "../../../src/core/failures/failed-line.ts";

/** The item at `index` of one source. */
export function failedAt(index: number, message: string, more: Partial<FailedLine> = {}): FailedLine {
  return {
    source: "in.csv",
    index,
    line: index + 2,
    offset: index * 10,
    chunk: 0,
    attempts: 1,
    code: "ITEM_FAILED",
    error: { name: "Error", message },
    item: "raw",
    ...more,
  };
}
