/**
 * Freezes plain objects and arrays, as deep as they go, so that no item changes what the next ones see. Other
 * objects (a `Date`, a `Map`) are left alone: freezing would not keep their content.
 */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}
