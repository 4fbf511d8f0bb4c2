/**
 * Packed files: cut off, altered, followed by garbage, not packed at all, and bombs.
 */
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
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

/** A member before the damaged one: its rows count. */
const FIRST = gzipSync("a,b\n1,2\n3,4\n5,6\n");
const FIRST_ROWS = 3;
const FIRST_FRAME = zstdCompressSync("a,b\n1,2\n3,4\n5,6\n");
const ROWS_ONLY = gzipSync(CSV.slice("a,b\n".length));
const CUT = ROWS_ONLY.subarray(0, Math.floor(ROWS_ONLY.length / 2));

/** Deflate without compression: a flipped bit in the text gives another number, and no other fault. */
const STORED = gzipSync("a,b\n1,100\n", { level: 0 });
const AT_NUMBER = STORED.indexOf("1,100");

/** Metadata before the data, as pzstd writes them. */
const SKIPPABLE = Buffer.from("502a4d18040000000c000000", "hex");

/** A frame of one block without compression, whose header asks for a window of 256 MiB. */
const LONG_WINDOW = Buffer.concat([
  Buffer.from("28b52ffd0090", "hex"),
  Buffer.from([("a,b\n1,2\n".length << 3) | 1, 0, 0]),
  Buffer.from("a,b\n1,2\n"),
]);

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
    content: GZIP.subarray(0, Math.floor(GZIP.length / 2)),
    refused: /gzip data end too soon.* is left out/,
  },
  {
    name: "checksum-cut-off.csv.gz",
    reader: "csv",
    content: GZIP.subarray(0, -1),
    refused: /gzip data end too soon.* is left out/,
  },
  {
    name: "cut-off.csv.zst",
    reader: "csv",
    content: ZSTD.subarray(0, -1),
    refused: /zstd data end too soon.* is left out/,
  },
  {
    name: "wrong-checksum.csv.gz",
    reader: "csv",
    content: flipped(GZIP, GZIP.length - CHECKSUM_FROM_END),
    refused: /gzip data do not have the checksum.* is left out/,
  },
  {
    name: "wrong-checksum.csv.zst",
    reader: "csv",
    content: flipped(ZSTD, ZSTD.length - 1),
    refused: /zstd data do not have the checksum.* is left out/,
  },
  {
    name: "another-number.csv.gz",
    reader: "csv",
    content: flipped(STORED, AT_NUMBER),
    refused: /gzip data do not have the checksum.* is left out/,
  },
  {
    name: "cut-off.jsonl.gz",
    reader: "jsonl",
    content: gzipSync('{"a":1}\n{"a":2}\n').subarray(0, -4),
    refused: /gzip data end too soon/,
  },
  {
    name: "second-member-cut-off.csv.gz",
    reader: "csv",
    content: Buffer.concat([FIRST, CUT]),
    items: FIRST_ROWS,
    failed: 1,
    damage: /gzip data end too soon.* is left out/,
  },
  {
    name: "second-member-wrong.csv.gz",
    reader: "csv",
    content: Buffer.concat([FIRST, flipped(ROWS_ONLY, ROWS_ONLY.length - CHECKSUM_FROM_END)]),
    items: FIRST_ROWS,
    failed: 1,
    damage: /gzip data do not have the checksum.* is left out/,
  },
  {
    name: "second-frame-wrong.csv.zst",
    reader: "csv",
    content: Buffer.concat([FIRST_FRAME, flipped(ZSTD, ZSTD.length - 1)]),
    items: FIRST_ROWS,
    failed: 1,
    damage: /zstd data do not have the checksum.* is left out/,
  },
  {
    name: "skippable-first.csv.zst",
    reader: "csv",
    content: Buffer.concat([SKIPPABLE, ZSTD, SKIPPABLE]),
    items: ROWS,
    failed: 0,
  },
  {
    name: "long-window.csv.zst",
    reader: "csv",
    content: LONG_WINDOW,
    refused: /needs a window of 268,435,456 bytes.*Raise maxWindowBytes/,
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
    name: "bomb.txt.zst",
    reader: "lines",
    content: zstdCompressSync("x".repeat(999).concat("\n").repeat(50_000)),
    items: MAX_UNPACKED_BYTES / 1000,
    failed: 1,
    damage: /unpacks to more than 2,000,000 bytes/,
  },
];
