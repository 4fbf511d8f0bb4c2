/**
 * LZ4 blocks, bare (`LZ4_RAW`) and as Hadoop frames them (`LZ4`). Node has no LZ4. The decompressor of
 * hyparquet-compressors takes a torn block for a whole one, with zeros behind what is there.
 * https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
 */

const MIN_MATCH = 4;
const LONG_LENGTH = 15;
const HADOOP_HEAD_BYTES = 8;

/** Throws `RangeError` for a block that does not hold exactly `length` bytes. */
export function unpackLz4Raw(packed: Uint8Array, length: number): Buffer {
  const output = Buffer.allocUnsafe(length);
  if (unpackBlock(packed, output) !== length) throw new RangeError("an LZ4 block is too short");
  return output;
}

/** Some writers name a bare block `LZ4`, too. */
export function unpackLz4(packed: Uint8Array, length: number): Buffer {
  return (
    unpackHadoop(Buffer.from(packed.buffer, packed.byteOffset, packed.length), length) ??
    unpackLz4Raw(packed, length)
  );
}

/** Frames one after the other: the length of the text, that of the block, the block. `null`: it has none. */
function unpackHadoop(packed: Buffer, length: number): Buffer | null {
  const output = Buffer.allocUnsafe(length);
  let at = 0;
  let done = 0;
  while (at < packed.length) {
    if (packed.length - at < HADOOP_HEAD_BYTES) return null;
    const text = packed.readUInt32BE(at);
    const block = packed.readUInt32BE(at + 4);
    at += HADOOP_HEAD_BYTES;
    if (block > packed.length - at || text > length - done) return null;
    try {
      const room = output.subarray(done, done + text);
      if (unpackBlock(packed.subarray(at, at + block), room) !== text) return null;
    } catch {
      return null;
    }
    at += block;
    done += text;
  }
  return done === length ? output : null;
}

/** Returns how many bytes of `output` were filled. */
function unpackBlock(packed: Uint8Array, output: Buffer): number {
  let at = 0;
  let done = 0;
  const byte = (): number => {
    const value = packed[at++];
    if (value === undefined) throw new RangeError("an LZ4 block is cut short");
    return value;
  };
  const lengthOf = (first: number): number => {
    let length = first;
    if (first === LONG_LENGTH) {
      let more = byte();
      while (more === 0xff) {
        length += more;
        more = byte();
      }
      length += more;
    }
    return length;
  };
  while (at < packed.length) {
    const token = byte();
    const literals = lengthOf(token >> 4);
    if (literals > packed.length - at || literals > output.length - done) {
      throw new RangeError("an LZ4 block is torn");
    }
    output.set(packed.subarray(at, at + literals), done);
    at += literals;
    done += literals;
    // The last sequence has literals only.
    if (at === packed.length) return done;
    const distance = byte() | (byte() << 8);
    const matched = lengthOf(token & LONG_LENGTH) + MIN_MATCH;
    if (distance === 0 || distance > done || matched > output.length - done) {
      throw new RangeError("an LZ4 block is torn");
    }
    done = copyMatch(output, done, distance, matched);
  }
  return done;
}

/** A match may overlap what it makes: then its beginning is repeated. */
function copyMatch(output: Buffer, at: number, distance: number, length: number): number {
  if (distance >= length) output.copyWithin(at, at - distance, at - distance + length);
  else for (let step = 0; step < length; step++) output[at + step] = output[at + step - distance] ?? 0;
  return at + length;
}
