/** An object store in memory. */
import { FanjoinError } from "../../core/errors/errors.ts";
import type { Piece } from "../../core/records/contribution.ts";
import type { ObjectStore } from "../../ports.ts";

export interface MemoryStore extends ObjectStore {
  /** Makes or replaces an object, as a user does with an input. */
  put(name: string, content: string | Uint8Array): void;
  text(name: string): string;
  names(): string[];
}

interface Stored {
  readonly bytes: Uint8Array;
  readonly version: string;
}

/** Blocks are small, so that records of a test cross their borders. */
export function memoryStore(blockBytes = 7): MemoryStore {
  const objects = new Map<string, Stored>();
  let versions = 0;
  let segments = 0;

  function put(name: string, content: string | Uint8Array): void {
    objects.set(name, { bytes: Buffer.from(content), version: String(++versions) });
  }

  function get(name: string, version?: string): Uint8Array {
    const found = objects.get(name);
    if (!found) throw new FanjoinError("INPUT_NOT_FOUND", `there is no object ${name}`);
    if (version !== undefined && version !== found.version) {
      throw new FanjoinError("INPUT_CHANGED", `${name} has changed`);
    }
    return found.bytes;
  }

  function bytesOf(piece: Piece): Uint8Array {
    if ("text" in piece) return Buffer.from(piece.text);
    return get(piece.name).subarray(piece.offset, piece.offset + piece.length);
  }

  const store: MemoryStore = {
    put,
    names: () => [...objects.keys()],
    of: () => store,
    async removeFolder(name) {
      for (const key of objects.keys()) if (key.startsWith(`${name}/`)) objects.delete(key);
      return true;
    },
    text: (name) => Buffer.from(get(name)).toString(),
    async stat(name) {
      const found = objects.get(name);
      return found ? { bytes: found.bytes.length, version: found.version } : null;
    },
    async *read(name, start, end, version) {
      const bytes = get(name, version).subarray(start, end);
      for (let at = 0; at < bytes.length; at += blockBytes) yield bytes.slice(at, at + blockBytes);
    },
    create(name) {
      const written: Uint8Array[] = [];
      return {
        async write(bytes) {
          written.push(Buffer.from(bytes));
        },
        async close() {
          const own = `${name}-${++segments}`;
          put(own, Buffer.concat(written));
          return { name: own, offset: 0, length: get(own).length };
        },
      };
    },
    async compose(name, pieces) {
      const parts: Uint8Array[] = [];
      for await (const piece of pieces) parts.push(bytesOf(piece));
      put(name, Buffer.concat(parts));
      return get(name).length;
    },
  };
  return store;
}
