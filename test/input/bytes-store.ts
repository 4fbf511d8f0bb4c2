/** An object store for reading: a map of bytes, in blocks of a size that the test chooses. */
import type { ObjectStore } from "../../src/ports.ts";
import type { Source } from "../../src/input/reader.ts";

export interface BytesStore extends ObjectStore {
  /** The number of bytes yielded so far. */
  bytesRead(): number;
  /** The number of reads that were begun and neither finished nor closed. */
  open(): number;
}

const unused = (): never => {
  throw new Error("a store for reading only");
};

export function bytesStore(
  objects: { readonly [name: string]: Uint8Array },
  blockBytes = 65_536,
): BytesStore {
  let yielded = 0;
  let open = 0;
  return {
    stat: async (name) => {
      const bytes = objects[name];
      return bytes === undefined ? null : { bytes: bytes.length, version: "1" };
    },
    async *read(name, start, end) {
      const bytes = objects[name] ?? unused();
      open++;
      try {
        const stop = Math.min(end, bytes.length);
        for (let at = start; at < stop; at += blockBytes) {
          // A copy, so that a reader cannot rely on blocks being neighbours in memory.
          const block = bytes.slice(at, Math.min(stop, at + blockBytes));
          yielded += block.length;
          yield block;
        }
      } finally {
        open--;
      }
    },
    of: unused,
    create: unused,
    compose: unused,
    removeFolder: unused,
    bytesRead: () => yielded,
    open: () => open,
  };
}

export function sourceOf(name: string, bytes: Uint8Array): Source {
  return { name, label: name, size: bytes.length, version: "1" };
}
