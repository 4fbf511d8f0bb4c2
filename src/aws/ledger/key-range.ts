/** The bounds of a list's sort keys. DynamoDB orders keys by their bytes in UTF-8. */

/** Both bounds are inclusive, as in `BETWEEN`. */
export interface KeyRange {
  readonly from: string;
  readonly to: string;
}

/**
 * The range of keys that begin with `prefix` and come after the key `after` (before it, if descending);
 * `null` if there can be none. The caller has to check the bounds: they may not belong to the range.
 */
export function keyRange(prefix: string, after: string | null, descending: boolean): KeyRange | null {
  const all = { from: prefix, to: pastPrefix(prefix) };
  if (after === null) return all;
  if (descending) return byBytes(after, all.from) <= 0 ? null : { ...all, to: least(after, all.to) };
  return byBytes(after, all.to) >= 0 ? null : { ...all, from: greatest(after, all.from) };
}

/** The smallest key after all keys that begin with `prefix`. */
function pastPrefix(prefix: string): string {
  if (prefix === "") return "\u{10FFFF}";
  const last = prefix.codePointAt(prefix.length - 2) ?? 0;
  const pair = last > 0xffff;
  const head = prefix.slice(0, pair ? -2 : -1);
  const next = (pair ? last : prefix.charCodeAt(prefix.length - 1)) + 1;
  if (next > 0x10ffff) return pastPrefix(head);
  // The range of surrogates is skipped: they are not characters.
  return head + String.fromCodePoint(next === 0xd800 ? 0xe000 : next);
}

const least = (a: string, b: string): string => (byBytes(a, b) <= 0 ? a : b);
const greatest = (a: string, b: string): string => (byBytes(a, b) >= 0 ? a : b);

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
