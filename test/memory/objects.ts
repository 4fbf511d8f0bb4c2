/** The objects of a store in memory, as a coordinator lists them. */
import type { InputObjects } from "../../src/ports.ts";
import type { MemoryStore } from "../../src/testing/memory/store.ts";

/** `nameOf`: as the platform's. Of a prefix it only has to say whether it may be read. */
export function objectsIn(
  store: MemoryStore,
  nameOf: InputObjects["nameOf"],
  checkPrefix: (url: string) => unknown = nameOf,
): InputObjects {
  return {
    nameOf,
    async *list(prefix, after) {
      checkPrefix(prefix);
      for (const url of store.names().toSorted()) {
        if (!url.startsWith(prefix) || url.endsWith("/") || url <= (after ?? "")) continue;
        const stat = await store.stat(url);
        yield { url, bytes: stat?.bytes ?? 0, version: stat?.version ?? "" };
      }
    },
  };
}
