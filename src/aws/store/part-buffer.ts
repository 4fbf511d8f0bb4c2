/** Bytes put together until they make a part. */
import { PART_BYTES } from "./multipart.ts";

export interface Gatherer {
  readonly bytes: number;
  add(block: Uint8Array): void;
  /** Takes out what makes whole parts; something is always left, because the last part may be of any size. */
  full(): Generator<Uint8Array>;
  /** Takes out what is left, if that is anything. */
  rest(): Generator<Uint8Array>;
}

export function gatherer(): Gatherer {
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
    *full() {
      if (bytes <= PART_BYTES) return;
      const all = take();
      let at = 0;
      for (; all.length - at > PART_BYTES; at += PART_BYTES) yield all.subarray(at, at + PART_BYTES);
      add(all.subarray(at));
    },
    *rest() {
      if (bytes > 0) yield take();
    },
  };
}
