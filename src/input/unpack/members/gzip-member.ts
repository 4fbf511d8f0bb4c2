/**
 * Unpacks exactly one gzip member. Node's gunzip hides where a member ends and the next one begins, so only
 * its inflate is used. A file of small members takes longer so than with `gzipRun`.
 */
import { crc32, createInflateRaw } from "node:zlib";
import { PackedFault } from "./fault.ts";
import { gzipHeaderLength } from "./gzip-header.ts";
import type { Member } from "./member.ts";
import { driven, OUTPUT_BYTES } from "./native-stream.ts";

/** The checksum, and the length modulo 2³². */
const TRAILER_BYTES = 8;
const LENGTH_AT = 4;

export function gzipMember(): Member {
  const inflate = driven(createInflateRaw({ chunkSize: OUTPUT_BYTES }));
  let part: "header" | "data" | "trailer" | "over" = "header";
  let header: Buffer = Buffer.alloc(0);
  let trailer: Buffer = Buffer.alloc(0);
  let checksum = 0;
  let length = 0;
  let taken = 0;
  let fault: unknown = null;

  /** Takes the header. Returns the bytes after it. */
  function takeHeader(bytes: Buffer): Buffer {
    const before = header.length;
    header = Buffer.concat([header, bytes]);
    const end = gzipHeaderLength(header);
    const own = end === null ? bytes.length : end - before;
    taken += own;
    if (end !== null) part = "data";
    return bytes.subarray(own);
  }

  /** Takes packed data. Returns the bytes after them. */
  async function* takeData(bytes: Buffer): AsyncGenerator<Buffer, Buffer> {
    const before = inflate.taken();
    yield* counted(inflate.write(bytes));
    const error = inflate.error();
    if (error !== null) throw error;
    const own = inflate.taken() - before;
    if (own < bytes.length) part = "trailer";
    taken += own;
    return bytes.subarray(own);
  }

  async function* counted(blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const block of blocks) {
      checksum = crc32(block, checksum);
      length += block.length;
      yield block;
    }
  }

  function takeTrailer(bytes: Buffer): void {
    const own = bytes.subarray(0, TRAILER_BYTES - trailer.length);
    trailer = Buffer.concat([trailer, own]);
    if (trailer.length < TRAILER_BYTES) {
      taken += own.length;
      return;
    }
    const isRight =
      trailer.readUInt32LE(0) === checksum && trailer.readUInt32LE(LENGTH_AT) === length % 2 ** 32;
    if (!isRight) throw new PackedFault("checksum", "its checksum or its length is another one");
    taken += own.length;
    part = "over";
  }

  return {
    async *write(bytes) {
      try {
        let rest = part === "header" ? takeHeader(bytes) : bytes;
        if (part === "data" && rest.length > 0) rest = yield* takeData(rest);
        if (part === "trailer") takeTrailer(rest);
      } catch (thrown) {
        fault = thrown;
      }
    },
    async *end() {
      if (part === "data") yield* inflate.end();
      fault = inflate.error() ?? new PackedFault("cut-off", "it ends too soon");
    },
    taken: () => taken,
    isWhole: () => part === "over",
    fault: () => fault,
    close: () => inflate.close(),
  };
}
