/** Remembers what was read of a source: its next chunks in this thread need it, too. */
import type { ObjectStore } from "../../ports.ts";
import { baseOf } from "./derived-store.ts";
import type { Source } from "../reader.ts";

/** The number of sources that are remembered, per store. */
const MOST = 32;

/** A memory of its own for one kind of facts. `options`: those that the facts depend on. */
export function remembering<Facts>(): (
  source: Source,
  store: ObjectStore,
  options: unknown,
  read: () => Promise<Facts>,
) => Promise<Facts> {
  const stores = new WeakMap<ObjectStore, Map<string, Promise<Facts>>>();
  return ({ name, version, size }, store, options, read) => {
    // Whichever spool the chunks are in.
    const base = baseOf(store);
    const known = stores.get(base) ?? new Map<string, Promise<Facts>>();
    stores.set(base, known);
    const key = JSON.stringify([name, version, size, options]);
    const found = known.get(key);
    if (found !== undefined) return found;
    const oldest = known.keys().next();
    if (known.size >= MOST && oldest.done !== true) known.delete(oldest.value);
    const facts = read();
    known.set(key, facts);
    // A failed read may succeed later: the next chunk tries again.
    facts.catch(() => known.delete(key));
    return facts;
  };
}
