/** Keeps an order that is being read: known ones stay where they are, and new ones come after them. Pure. */

/** In the order of `known` keys; with none, as they come. */
export function keptOrder<T>(
  all: readonly T[],
  known: readonly string[],
  keyOf: (one: T) => string,
): readonly T[] {
  if (known.length === 0) return all;
  const byKey = new Map(all.map((one) => [keyOf(one), one]));
  const kept = known.flatMap((key) => byKey.get(key) ?? []);
  const isKnown = new Set(known);
  return [...kept, ...all.filter((one) => !isKnown.has(keyOf(one)))];
}
