/** How much memory a value takes, roughly: what waits is bounded by it. */

/** Of a value that is no more than a number, with what is kept around it. */
const LEAST = 128;
/** Beyond so many, the rest of an array or an object is taken to be like the part that was looked at. */
const MOST_LOOKED_AT = 32;
const MOST_DEPTH = 4;

/** Never throws, and looks at a part of a large value only. */
export function roughBytes(value: unknown): number {
  try {
    return LEAST + bytesOf(value, 0);
  } catch {
    // A getter or a trap of a proxy: it will throw again where the value is used.
    return LEAST;
  }
}

function bytesOf(value: unknown, depth: number): number {
  if (typeof value === "string") return value.length * 2;
  if (typeof value !== "object" || value === null) return 8;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (depth === MOST_DEPTH) return LEAST;
  const parts: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  let bytes = 0;
  const looked = Math.min(parts.length, MOST_LOOKED_AT);
  for (let place = 0; place < looked; place++) bytes += 16 + bytesOf(parts[place], depth + 1);
  return looked === 0 ? LEAST : (bytes / looked) * parts.length;
}
