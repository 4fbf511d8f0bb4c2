/** Reads what was thrown, which may be anything: a getter, or the trap of a proxy, may throw again. */

export function property(value: unknown, name: string | symbol): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return (value as { readonly [name: string | symbol]: unknown })[name];
}

/** `null` if it throws. */
export function safely<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
