/** Unpacks the pages of a Parquet file: never to more than their headers say. */
import { brotliDecompressSync, unzipSync, zstdDecompressSync } from "node:zlib";
import { snappyUncompress } from "hyparquet/src/snappy.js";
import { unpackLz4, unpackLz4Raw } from "./lz4.ts";

/** Makes `length` bytes of a packed page. Throws for a page that does not hold exactly as many. */
export type UnpackPage = (packed: Buffer, length: number) => Buffer;

/**
 * One block takes all of the text: zlib would else make small blocks and copy them together, which takes the
 * room twice.
 */
function native(unpack: (packed: Buffer, options: { chunkSize: number; maxOutputLength: number }) => Buffer) {
  return (packed: Buffer, length: number): Buffer => {
    const chunkSize = Math.max(64, length + 1);
    const text = unpack(packed, { chunkSize, maxOutputLength: chunkSize });
    if (text.length === length) return text;
    throw new RangeError(`a page unpacks to ${text.length} bytes, and its header says ${length}`);
  };
}

function snappy(packed: Buffer, length: number): Buffer {
  const text = Buffer.alloc(length);
  snappyUncompress(packed, text);
  return text;
}

function plain(bytes: Buffer, length: number): Buffer {
  if (bytes.length === length) return bytes;
  throw new RangeError(`a page has ${bytes.length} bytes, and its header says ${length}`);
}

/** By the numbers of `CompressionCodec` in parquet.thrift. */
const CODECS: readonly { readonly name: string; readonly unpack: UnpackPage | null }[] = [
  { name: "UNCOMPRESSED", unpack: plain },
  { name: "SNAPPY", unpack: snappy },
  { name: "GZIP", unpack: native(unzipSync) },
  { name: "LZO", unpack: null },
  { name: "BROTLI", unpack: native(brotliDecompressSync) },
  { name: "LZ4", unpack: unpackLz4 },
  { name: "ZSTD", unpack: native(zstdDecompressSync) },
  { name: "LZ4_RAW", unpack: unpackLz4Raw },
];

/** `null` for a compression that is not known here. */
export function unpackerOf(codec: number): UnpackPage | null {
  return CODECS[codec]?.unpack ?? null;
}

export function codecName(codec: number): string {
  return CODECS[codec]?.name ?? `number ${codec}`;
}
