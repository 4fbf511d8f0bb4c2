/** Collects bytes until they fill a part. */
import { PART_BYTES } from "./multipart.ts";

export interface PartBuffer {
  readonly bytes: number;
  add(block: Uint8Array): void;
  /** Removes whole parts. It always leaves some bytes, because only the last part may be smaller. */
  takeParts(): Generator<Uint8Array>;
  /** Removes the remaining bytes, if any. */
  takeRest(): Generator<Uint8Array>;
}

export function createPartBuffer(): PartBuffer {
  let blocks: Uint8Array[] = [];
  let bytes = 0;

  function add(block: Uint8Array): void {
    blocks.push(block);
    bytes += block.length;
  }

  function take(): Buffer {
    const all = Buffer.concat(blocks, bytes);
    blocks = [];
    bytes = 0;
    return all;
  }

  return {
    get bytes() {
      return bytes;
    },
    add,
    *takeParts() {
      if (bytes <= PART_BYTES) return;
      const all = take();
      let start = 0;
      for (; all.length - start > PART_BYTES; start += PART_BYTES)
        yield all.subarray(start, start + PART_BYTES);
      add(all.subarray(start));
    },
    *takeRest() {
      if (bytes > 0) yield take();
    },
  };
}
