/** Files of other formats, which no reader of text reads. */
import { gzipSync } from "node:zlib";
import { office, PDF, tar } from "../input/unpack/other-files.ts";
import type { Awful } from "./awful.ts";

export const filesWithoutText: Awful[] = [
  {
    name: "workbook.csv",
    reader: "csv",
    content: office("[Content_Types].xml", "<xml>"),
    refused: /is an Excel workbook/,
  },
  { name: "archive.csv", reader: "csv", content: office("a.csv", "a,b\n1,2\n"), refused: /is a ZIP archive/ },
  {
    name: "archive.tar.gz",
    reader: "csv",
    content: gzipSync(tar("ustar\0")),
    refused: /holds a tar archive/,
  },
  {
    name: "packed-twice.csv.gz",
    reader: "csv",
    content: gzipSync(gzipSync("a,b\n1,2\n")),
    refused: /holds gzip data.*only one layer/,
  },
  { name: "document.jsonl", reader: "jsonl", content: PDF, refused: /is a PDF document/ },
  { name: "database.txt", reader: "lines", content: "SQLite format 3\0\n", refused: /is a SQLite database/ },
  { name: "table.json", reader: "json", content: "PAR1\x15\x04\x15", refused: /is a Parquet file/ },
];
