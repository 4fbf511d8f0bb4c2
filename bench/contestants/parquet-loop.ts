/**
 * A group-by in a loop in one thread: `node parquet-loop.ts <file> <reader>`, by the reader of fanjoin
 * without an engine, or by hyparquet, a row group at a time, with Node's zstd.
 */
import { readFileSync } from "node:fs";
import { zstdDecompressSync } from "node:zlib";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { readerKinds } from "../../src/input/kinds.ts";
import type { ObjectStore } from "../../src/ports.ts";
import { answerOf } from "./groups.ts";
import type { Group } from "./groups.ts";
import { peakMb, report } from "./outcome.ts";

interface Sale {
  readonly country: string;
  readonly amount: number;
}

const [, , file = "", reader = ""] = process.argv;
const bytes = readFileSync(file);

async function* ours(): AsyncGenerator<readonly unknown[]> {
  const store = { read: oneBlock } as unknown as ObjectStore;
  const source = { name: file, label: file, size: bytes.length, version: "" };
  const request = { source, options: {}, store };
  const cutter = readerKinds.parquet.cut({ ...request, sources: [source], after: null });
  const size = { bytes: 1, items: null };
  for (let range = await cutter.next(size); range !== null; range = await cutter.next(size))
    for await (const { values } of readerKinds.parquet.read({ ...request, range })) yield values;
}

async function* oneBlock(_name: string, start: number, end: number): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(start, end);
}

async function* theirs(): AsyncGenerator<readonly unknown[]> {
  const whole = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const buffer = {
    byteLength: bytes.length,
    slice: (start: number, end?: number) => whole.slice(start, end),
  };
  const metadata = parquetMetadata(whole);
  let rowStart = 0;
  for (const { num_rows: rows } of metadata.row_groups) {
    const rowEnd = rowStart + Number(rows);
    const compressors = { ZSTD: (packed: Uint8Array) => zstdDecompressSync(packed) };
    yield await parquetReadObjects({ file: buffer, metadata, rowStart, rowEnd, compressors });
    rowStart = rowEnd;
  }
}

const before = process.cpuUsage();
const start = performance.now();
const groups = new Map<string, { total: number; n: number }>();
let rows = 0;
for await (const values of reader === "hyparquet" ? theirs() : ours()) {
  for (const { country, amount } of values as readonly Sale[]) {
    const group = groups.get(country);
    if (group) {
      group.total += amount;
      group.n++;
    } else groups.set(country, { total: amount, n: 1 });
    rows++;
  }
}
const ms = performance.now() - start;
const { user, system } = process.cpuUsage(before);
report({
  figures: {
    ms,
    cpuMs: (user + system) / 1000,
    mbPerSecond: bytes.length / 1e3 / ms,
    rowsPerSecond: (rows / ms) * 1000,
    peakMb: peakMb(),
  },
  answer: answerOf([...groups] as [string, Group][]),
});
