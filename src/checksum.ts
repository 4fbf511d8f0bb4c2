/** Checksums of what fanjoin stores: CRC-32, which Node computes at some gigabytes a second. */
import { crc32 } from "node:zlib";
import { FanjoinError } from "./core/errors/errors.ts";
import type { Segment } from "./core/records/contribution.ts";

/** The checksum of `bytes` (UTF-8 for a string) after those whose checksum is `before`. */
export function checksum(bytes: Uint8Array | string, before = 0): number {
  return crc32(bytes, before);
}

/** Where a segment is, in words. */
export function placeOf({ name, offset, length }: Segment): string {
  return `${name}, bytes ${offset} to ${offset + length},`;
}

/** Whether `next` goes on where `one` ends. */
export function follows(one: Segment, next: Segment): boolean {
  return one.name === next.name && one.offset + one.length === next.offset;
}

/** Two segments, of which the second follows the first, as one. */
export function joinSegments(one: Segment, next: Segment): Segment {
  const { name, offset } = one;
  const joined = { name, offset, length: one.length + next.length };
  if (one.crc === undefined || next.crc === undefined) return joined;
  return { ...joined, crc: joinedChecksum(one.crc, next.crc, next.length) };
}

/** Bytes of the store have changed. `place`: where, in words. */
export function changedBytes(place: string): FanjoinError {
  return new FanjoinError(
    "DIRECTORY_UNUSABLE",
    `${place} has changed since it was written (its checksum differs): the disk or another program changed it. Restore a copy of the directory, or run the batch again with another --dir`,
  );
}

/**
 * Passes blocks on, and throws `DIRECTORY_UNUSABLE` after the last one if their checksum is another. A
 * consumer that stops before has checked nothing.
 */
export async function* verified(
  blocks: AsyncIterable<Uint8Array>,
  expected: number,
  place: string,
): AsyncGenerator<Uint8Array, void, Uint8Array | undefined> {
  let sum = 0;
  const iterator = blocks[Symbol.asyncIterator]();
  let spare: Uint8Array | undefined;
  try {
    for (;;) {
      // A block that is handed back is filled again.
      const next: IteratorResult<Uint8Array, unknown> = await iterator.next(spare);
      if (next.done === true) break;
      sum = checksum(next.value, sum);
      spare = yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
  if (sum !== expected) throw changedBytes(place);
}

/** The polynomial of CRC-32, its lowest power first. */
const POLYNOMIAL = 0xedb88320;
const BITS = 32;

/**
 * The checksum of two runs of bytes one after the other, from their checksums and the length of the second.
 * The method of `crc32_combine` in zlib (https://github.com/madler/zlib/blob/develop/crc32.c): to append
 * zeros is to multiply by a power of x, modulo the polynomial.
 */
export function joinedChecksum(first: number, second: number, secondBytes: number): number {
  let power = 1 << (BITS - 2);
  let result = 1 << (BITS - 1);
  // x to the power of 8 · secondBytes, by squaring.
  for (let n = 0; n < 3; n++) power = multiply(power, power);
  for (let bytes = secondBytes; bytes > 0; bytes = Math.floor(bytes / 2)) {
    if (bytes % 2 === 1) result = multiply(power, result);
    power = multiply(power, power);
  }
  return (multiply(result, first) ^ second) >>> 0;
}

/** The product of two polynomials modulo `POLYNOMIAL`; bit 31 is the coefficient of 1. */
function multiply(a: number, b: number): number {
  let product = 0;
  let factor = b;
  for (let bit = BITS - 1; bit >= 0; bit--) {
    if (((a >>> bit) & 1) === 1) product ^= factor;
    factor = (factor & 1) === 1 ? (factor >>> 1) ^ POLYNOMIAL : factor >>> 1;
  }
  return product;
}
