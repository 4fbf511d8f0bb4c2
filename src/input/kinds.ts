/** Every kind of reader by its name. */
import { csvKind } from "./csv.ts";
import { filesKind } from "./files.ts";
import { fromKind } from "./from.ts";
import { jsonKind } from "./json.ts";
import { jsonlKind } from "./jsonl.ts";
import { linesKind } from "./lines.ts";
import { parquetKind } from "./parquet.ts";
import { rangeKind } from "./range.ts";
import type { ReaderKind, ReaderName } from "./reader.ts";

export const readerKinds: Record<ReaderName, ReaderKind> = {
  csv: csvKind,
  files: filesKind,
  jsonl: jsonlKind,
  json: jsonKind,
  lines: linesKind,
  parquet: parquetKind,
  range: rangeKind,
  // Stored as JSON lines when the batch is submitted.
  items: jsonlKind,
  from: fromKind,
};
