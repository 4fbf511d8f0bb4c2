/** A source that is too large to be held in memory. */
import type { ObjectStore } from "../../src/ports.ts";
import { bytesStore } from "./bytes-store.ts";

export const MEGABYTE = Buffer.alloc(1024 * 1024, "x");

/** `before`, 65 MiB of x, `after`: never all in memory. */
export function large(before: string, after: string): { readonly store: ObjectStore; readonly size: number } {
  const size = before.length + 65 * MEGABYTE.length + after.length;
  const at = (offset: number): Uint8Array => {
    if (offset < before.length) return Buffer.from(before.slice(offset));
    const rest = size - after.length - offset;
    if (rest <= 0) return Buffer.from(after.slice(-rest));
    return MEGABYTE.subarray(0, Math.min(rest, MEGABYTE.length));
  };
  async function* blocks(start: number, end: number): AsyncGenerator<Uint8Array> {
    for (let offset = start; offset < end;) {
      const block = at(offset).subarray(0, end - offset);
      yield block;
      offset += block.length;
    }
  }
  return {
    store: { ...bytesStore({}), read: (_, start, end) => blocks(start, Math.min(end, size)) },
    size,
  };
}
