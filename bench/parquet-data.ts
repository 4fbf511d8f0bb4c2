/** The Parquet file that `bench parquet` reads: the same rows every time, made once. */
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { zstdCompressSync } from "node:zlib";
import { craftedGroups, plainTexts } from "../test/input/parquet/crafted.ts";
import type { CraftedColumn, CraftedGroup, CraftedPage } from "../test/input/parquet/crafted.ts";

const DIRECTORY = fileURLToPath(new URL(".data/", import.meta.url));
/** A row takes about so many bytes in the file. */
const ROW_BYTES = 14;
const GROUP_ROWS = 50_000;
const PAGE_ROWS = 10_000;
const COUNTRIES = 200;

const DOUBLE = 5;
const BYTE_ARRAY = 6;
const UTF8 = 0;
const ZSTD = 6;

/** A file of about `mb` megabytes (of a million bytes). */
export function parquetFile(mb: number): string {
  const path = `${DIRECTORY}sales-${mb}mb.parquet`;
  if (existsSync(path)) return path;
  mkdirSync(DIRECTORY, { recursive: true });
  const groups = Math.max(1, Math.round((mb * 1e6) / ROW_BYTES / GROUP_ROWS));
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(
    unfinished,
    craftedGroups(Array.from({ length: groups }, (_, n) => groupFrom(n * GROUP_ROWS))),
  );
  renameSync(unfinished, path);
  return path;
}

function groupFrom(first: number): CraftedGroup {
  const text = (name: string, of: (row: number) => string): CraftedColumn => {
    const pages = pagesFrom(first, (rows) => plainTexts(...rows.map(of)));
    return { name, type: BYTE_ARRAY, converted: UTF8, codec: ZSTD, pages };
  };
  const amounts = pagesFrom(first, (rows) => doubles(rows.map((row) => (scrambled(row) % 1_000_000) / 100)));
  return {
    rows: GROUP_ROWS,
    columns: [
      text("id", (row) => `order-${String(row).padStart(10, "0")}`),
      text("country", (row) => `C${String((scrambled(row) >>> 8) % COUNTRIES).padStart(3, "0")}`),
      { name: "amount", type: DOUBLE, codec: ZSTD, pages: amounts },
      text("note", (row) => `note ${scrambled(row) % 1000} of the row`),
    ],
  };
}

function pagesFrom(first: number, bytesOf: (rows: readonly number[]) => Buffer): CraftedPage[] {
  return Array.from({ length: GROUP_ROWS / PAGE_ROWS }, (_, page) => {
    const from = first + page * PAGE_ROWS;
    const bytes = bytesOf(Array.from({ length: PAGE_ROWS }, (__, row) => from + row));
    return { bytes: zstdCompressSync(bytes), unpacked: bytes.length, entries: PAGE_ROWS };
  });
}

function doubles(values: readonly number[]): Buffer {
  return Buffer.from(Float64Array.from(values).buffer);
}

/** A pseudo-random number, always the same for a row. */
function scrambled(row: number): number {
  let hash = Math.imul(row ^ 0x9e37_79b9, 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
