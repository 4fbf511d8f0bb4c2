/**
 * A zip archive of one uncompressed file, in the form that Lambda accepts as code.
 * https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
import { crc32 } from "node:zlib";

const VERSION = 20;
/** A regular file that is readable for everyone. */
const ATTRIBUTES = (0o100644 << 16) >>> 0;
/** 1 January 1980. */
const DATE = 0x21;

export function zipOf(name: string, content: Uint8Array): Buffer {
  const path = Buffer.from(name);
  // Flags, method and time are zero. Then follow date, checksum, both sizes and the length of the name.
  const entry = Buffer.alloc(26);
  entry.writeUInt16LE(VERSION, 0);
  entry.writeUInt16LE(DATE, 8);
  entry.writeUInt32LE(crc32(content), 10);
  entry.writeUInt32LE(content.length, 14);
  entry.writeUInt32LE(content.length, 18);
  entry.writeUInt16LE(path.length, 22);
  const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), entry, path, content]);

  const attributes = Buffer.alloc(14);
  attributes.writeUInt32LE(ATTRIBUTES, 6);
  const version = Buffer.from([VERSION, 3]);
  const central = Buffer.concat([Buffer.from("PK\u0001\u0002"), version, entry, attributes, path]);

  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, Buffer.from("PK\u0005\u0006"), end]);
}
