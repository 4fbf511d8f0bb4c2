/** Stores that read some objects in another way than the store that they are made from. */
import type { ObjectStore } from "../../ports.ts";

const bases = new WeakMap<ObjectStore, ObjectStore>();

export function derivedStore(store: ObjectStore, read: ObjectStore["read"]): ObjectStore {
  const derived = { ...store, read };
  bases.set(derived, baseOf(store));
  return derived;
}

/** The store that all others were made from. Facts about its objects hold in all of them. */
export function baseOf(store: ObjectStore): ObjectStore {
  return bases.get(store) ?? store;
}
