/** The header of a gzip member (RFC 1952). */
import { crc32 } from "node:zlib";
import { PackedFault } from "./fault.ts";

export const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
const DEFLATE = 8;
const FIXED_BYTES = 10;
const FLAGS_AT = 3;
const FLAG = { headerChecksum: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 } as const;
/** Names and comments end with a zero, which a damaged header may lack. */
const MAX_BYTES = 1024 * 1024;

/** The length of the header that `head` begins with; `null` if it goes on. Throws `PackedFault`. */
export function gzipHeaderLength(head: Buffer): number | null {
  const begun = Math.min(head.length, GZIP_MAGIC.length);
  if (!head.subarray(0, begun).equals(GZIP_MAGIC.subarray(0, begun))) {
    throw new PackedFault("foreign", "no gzip member begins here");
  }
  if (head.length < FIXED_BYTES) return null;
  const flags = head[FLAGS_AT] ?? 0;
  if (head[2] !== DEFLATE) throw new PackedFault("broken", "unknown compression method");
  if ((flags & FLAG.reserved) !== 0) throw new PackedFault("broken", "unknown header flags");
  const length = endOfFields(head, flags);
  if (length === null && head.length > MAX_BYTES) throw new PackedFault("broken", "its header never ends");
  return length;
}

function endOfFields(head: Buffer, flags: number): number | null {
  let at = FIXED_BYTES;
  if ((flags & FLAG.extra) !== 0) {
    if (head.length < at + 2) return null;
    at += 2 + head.readUInt16LE(at);
  }
  for (const flag of [FLAG.name, FLAG.comment]) {
    if ((flags & flag) === 0) continue;
    const zero = head.indexOf(0, at);
    if (zero < 0) return null;
    at = zero + 1;
  }
  if ((flags & FLAG.headerChecksum) === 0) return at <= head.length ? at : null;
  if (head.length < at + 2) return null;
  if (head.readUInt16LE(at) !== (crc32(head.subarray(0, at)) & 0xffff)) {
    throw new PackedFault("broken", "its header has another checksum");
  }
  return at + 2;
}
