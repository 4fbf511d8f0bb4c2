/**
 * Decodes runs of small numbers: levels, and places in a dictionary. The decoder of hyparquet makes as many
 * numbers as a run asks for, whatever the page says.
 * https://parquet.apache.org/docs/file-format/data-pages/encodings/#RLE
 */

const WIDEST = 32;

/** Fills `output`. Throws `RangeError` if the bytes from `start` up to `end` hold less. */
export function readRuns<Output extends Uint8Array | Int32Array>(
  bytes: Buffer,
  { start, end, width }: { readonly start: number; readonly end: number; readonly width: number },
  output: Output,
): Output {
  if (width > WIDEST || end > bytes.length) throw new RangeError("a run is outside of its page");
  let at = start;
  let done = 0;
  while (done < output.length) {
    let head = 0;
    let shift = 0;
    for (let more = true; more; shift += 7) {
      if (at >= end || shift > 28) throw new RangeError("the runs end too early");
      const byte = bytes[at++] ?? 0;
      head += (byte & 0x7f) * 2 ** shift;
      more = byte >= 0x80;
    }
    const size = Math.floor(head / 2);
    if (head % 2 === 1) {
      const values = Math.min(size * 8, output.length - done);
      const needed = Math.ceil((values * width) / 8);
      if (needed > end - at) throw new RangeError("the runs end too early");
      unpackBits(bytes, { at, width, values }, output, done);
      at += size * width;
      done += values;
    } else {
      const length = Math.ceil(width / 8);
      if (length > end - at) throw new RangeError("the runs end too early");
      const values = Math.min(size, output.length - done);
      output.fill(littleEndian(bytes, at, length), done, done + values);
      at += length;
      done += values;
    }
  }
  return output;
}

function littleEndian(bytes: Buffer, at: number, length: number): number {
  let value = 0;
  for (let byte = 0; byte < length; byte++) value |= (bytes[at + byte] ?? 0) << (8 * byte);
  return value;
}

interface Packed {
  readonly at: number;
  readonly width: number;
  readonly values: number;
}

/** So many bits and those of one more byte fit into an integer of 32 bits. */
const WIDEST_QUICK = 24;

function unpackBits(bytes: Buffer, packed: Packed, output: Uint8Array | Int32Array, first: number): void {
  if (packed.width > WIDEST_QUICK) return unpackWide(bytes, packed, output, first);
  const { at, width, values } = packed;
  const mask = (1 << width) - 1;
  let held = 0;
  let bits = 0;
  let next = at;
  for (let value = 0; value < values; value++) {
    while (bits < width) {
      held |= (bytes[next++] ?? 0) << bits;
      bits += 8;
    }
    output[first + value] = held & mask;
    held >>>= width;
    bits -= width;
  }
}

function unpackWide(
  bytes: Buffer,
  { at, width, values }: Packed,
  output: Uint8Array | Int32Array,
  first: number,
): void {
  for (let value = 0; value < values; value++) {
    const bit = value * width;
    let whole = 0n;
    const from = at + Math.floor(bit / 8);
    for (let byte = 0; byte < 5; byte++) whole |= BigInt(bytes[from + byte] ?? 0) << BigInt(8 * byte);
    output[first + value] = Number(BigInt.asIntN(32, BigInt.asUintN(width, whole >> BigInt(bit % 8))));
  }
}
