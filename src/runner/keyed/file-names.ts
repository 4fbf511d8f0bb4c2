/** The names of files of outputs by key: safe on every file system, and different for different keys. */
import type { KeyedOutputs } from "../../joins/keyed-outputs.ts";

/** Letters of the encoded key, and of what it is a key of: a file's name has less than 255 bytes. */
const MAX_KEY_CHARS = 120;
const MAX_NAME_CHARS = 80;
const HASH_CHARS = 16;

/**
 * `country=norway.csv`. Bytes other than letters, digits, `.`, `_` and `-` are written as in a URL (`%20`). A
 * name that is too long, or differs from another one only in upper and lower case, ends with a hash of its
 * key.
 */
export async function fileNames(
  { name, ending }: Pick<KeyedOutputs, "name" | "ending">,
  keys: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const counts = new Map<string, number>();
  for (const key of keys) {
    const folded = encoded(key).toLowerCase();
    counts.set(folded, (counts.get(folded) ?? 0) + 1);
  }
  const names = new Map<string, string>();
  for (const key of keys) {
    const text = encoded(key);
    const isPlain = text.length <= MAX_KEY_CHARS && counts.get(text.toLowerCase()) === 1;
    const unique = isPlain ? text : `${text.slice(0, MAX_KEY_CHARS)}~${await hashOf(key)}`;
    names.set(key, `${encoded(name).slice(0, MAX_NAME_CHARS)}=${unique}.${ending}`);
  }
  return names;
}

function encoded(key: string): string {
  const bytes = Buffer.from(key);
  return Array.from(bytes, (byte) => {
    const char = String.fromCharCode(byte);
    return /[A-Za-z0-9._-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}

async function hashOf(key: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", Buffer.from(key));
  return Buffer.from(hash).toString("hex").slice(0, HASH_CHARS);
}
