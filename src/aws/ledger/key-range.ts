/** Which keys a list looks at, as bounds of a sort key. Keys are in the order of their bytes in UTF-8. */

/** Both inclusive, as BETWEEN has it. */
export interface KeyRange {
  readonly from: string;
  readonly to: string;
}

/**
 * The keys with `prefix` after the key `after` (before it, if descending); `null` if there can be none. The
 * bounds themselves may not be among them.
 */
export function keyRange(prefix: string, after: string | null, descending: boolean): KeyRange | null {
  const all = { from: prefix, to: pastPrefix(prefix) };
  if (after === null) return all;
  if (descending) return byBytes(after, all.from) <= 0 ? null : { ...all, to: least(after, all.to) };
  return byBytes(after, all.to) >= 0 ? null : { ...all, from: greatest(after, all.from) };
}

/** The least key after all that begin with `prefix`. */
function pastPrefix(prefix: string): string {
  if (prefix === "") return "\u{10FFFF}";
  const last = prefix.codePointAt(prefix.length - 2) ?? 0;
  const pair = last > 0xffff;
  const head = prefix.slice(0, pair ? -2 : -1);
  const next = (pair ? last : prefix.charCodeAt(prefix.length - 1)) + 1;
  if (next > 0x10ffff) return pastPrefix(head);
  // Surrogates are no characters.
  return head + String.fromCodePoint(next === 0xd800 ? 0xe000 : next);
}

const least = (a: string, b: string): string => (byBytes(a, b) <= 0 ? a : b);
const greatest = (a: string, b: string): string => (byBytes(a, b) >= 0 ? a : b);

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
