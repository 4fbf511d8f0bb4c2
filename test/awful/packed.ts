/**
 * Packed files: cut off, altered, followed by garbage, not packed at all, and bombs.
 */
import { constants, gunzipSync, gzipSync, zstdCompressSync } from "node:zlib";
import type { Awful } from "./awful.ts";
import { MAX_UNPACKED_BYTES } from "./awful.ts";

const ROWS = 2_000;
const CSV = `a,b\n${Array.from({ length: ROWS }, (_, n) => `${n},${(n * 7919) % 1009}\n`).join("")}`;
const GZIP = gzipSync(CSV);
const ZSTD = zstdCompressSync(CSV, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
/** The checksum of a gzip member comes before its length. */
const CHECKSUM_FROM_END = 8;

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Buffer.from(bytes);
  copy.writeUInt8((copy[at] ?? 0) ^ 1, at);
  return copy;
}

const CUT = GZIP.subarray(0, Math.floor(GZIP.length / 2));

/** The number of whole records that zlib still unpacks, without the header. */
function rowsLeftIn(cut: Uint8Array): number {
  const text = gunzipSync(cut, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
  return text.split("\n").length - 2;
}

/** Deflate without compression: one small block after the other, each with a header of five bytes. */
const STORED = gzipSync(CSV, { level: 0, memLevel: 1 });
const [STORED_HEADER_BYTES, STORED_BLOCK_HEADER_BYTES] = [10, 5];
const STORED_BLOCK_BYTES = STORED.readUInt16LE(STORED_HEADER_BYTES + 1);
const BEFORE_SECOND_BLOCK = CSV.slice(0, STORED_BLOCK_BYTES).split("\n").length - 2;

/** Unpacks to a thousand times its size; `BOMB_ROWS` rows are within the limit. */
const BOMB_ROW = `${"1".repeat(997)},2\n`;
const BOMB = gzipSync(`a,b\n${BOMB_ROW.repeat(50_000)}`);
const BOMB_ROWS = Math.floor((MAX_UNPACKED_BYTES - "a,b\n".length) / BOMB_ROW.length);

export const packedFiles: Awful[] = [
  {
    name: "several-members.csv.gz",
    reader: "csv",
    content: Buffer.concat(["a,b\n1,", "2\n", "", "3,4\n"].map((part) => gzipSync(part))),
    items: 2,
    failed: 0,
  },
  {
    name: "several-frames.csv.zst",
    reader: "csv",
    content: Buffer.concat(["a,b\n1,", "2\n", "", "3,4\n"].map((part) => zstdCompressSync(part))),
    items: 2,
    failed: 0,
  },
  {
    name: "padded.csv.gz",
    reader: "csv",
    content: Buffer.concat([GZIP, Buffer.alloc(600)]),
    items: ROWS,
    failed: 0,
  },
  { name: "gzip-without-suffix.csv", reader: "csv", content: GZIP, items: ROWS, failed: 0 },
  { name: "zstd-named-gzip.csv.gz", reader: "csv", content: ZSTD, items: ROWS, failed: 0 },
  { name: "nothing-in-it.csv.gz", reader: "csv", content: gzipSync(""), items: 0, failed: 0 },
  { name: "empty.csv.gz", reader: "csv", content: "", refused: /is not gzip: it is empty/ },
  { name: "empty.csv.zst", reader: "csv", content: "", refused: /is not zstd: it is empty/ },
  { name: "not-gzip.csv.gz", reader: "csv", content: "a,b\n1,2\n", refused: /is not gzip: it begins with/ },
  { name: "header-cut-off.csv.gz", reader: "csv", content: GZIP.subarray(0, 5), refused: /end too soon/ },
  {
    name: "cut-off.csv.gz",
    reader: "csv",
    content: CUT,
    items: rowsLeftIn(CUT),
    failed: 1,
    damage: /gzip data end too soon/,
  },
  {
    name: "checksum-cut-off.csv.gz",
    reader: "csv",
    content: GZIP.subarray(0, -1),
    items: ROWS,
    failed: 1,
    damage: /gzip data end too soon/,
  },
  {
    // All rows are in one block, and only its checksum is missing.
    name: "cut-off.csv.zst",
    reader: "csv",
    content: ZSTD.subarray(0, -1),
    items: ROWS,
    failed: 1,
    damage: /zstd data end too soon/,
  },
  {
    name: "wrong-checksum.csv.gz",
    reader: "csv",
    content: flipped(GZIP, GZIP.length - CHECKSUM_FROM_END),
    items: ROWS,
    failed: 1,
    damage: /gzip data do not have the checksum/,
  },
  {
    name: "wrong-checksum.csv.zst",
    reader: "csv",
    content: flipped(ZSTD, ZSTD.length - 1),
    items: ROWS,
    failed: 1,
    damage: /zstd data do not have the checksum/,
  },
  {
    // The flipped bit is in the length of the second block.
    name: "flipped-bit.csv.gz",
    reader: "csv",
    content: flipped(STORED, STORED_HEADER_BYTES + STORED_BLOCK_HEADER_BYTES + STORED_BLOCK_BYTES + 1),
    items: BEFORE_SECOND_BLOCK,
    failed: 1,
    damage: /gzip data are damaged/,
  },
  {
    name: "garbage-after-it.csv.gz",
    reader: "csv",
    content: Buffer.concat([GZIP, Buffer.from("garbage")]),
    items: ROWS,
    failed: 1,
    damage: /gzip data are followed by something else/,
  },
  {
    name: "bomb.csv.gz",
    reader: "csv",
    content: BOMB,
    items: BOMB_ROWS,
    failed: 1,
    damage: /unpacks to more than 2,000,000 bytes.*raise maxUnpackedBytes/,
  },
  {
    name: "cut-off.jsonl.gz",
    reader: "jsonl",
    content: gzipSync('{"a":1}\n{"a":2}\n').subarray(0, -4),
    items: 2,
    failed: 1,
    damage: /gzip data end too soon/,
  },
  {
    name: "bomb.txt.zst",
    reader: "lines",
    content: zstdCompressSync("x".repeat(999).concat("\n").repeat(50_000)),
    items: MAX_UNPACKED_BYTES / 1000,
    failed: 1,
    damage: /unpacks to more than 2,000,000 bytes/,
  },
];
