/**
 * The tag of an attempt. It is short, because a node holds a hundred tags. It has letters and digits only,
 * because a tag that begins with `-` names no partial.
 */
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/**
 * How many random bytes a tag is made from, and how many characters it has. That is 41 bits; the ledger
 * refuses a tag that is taken.
 */
export const TAG_BYTES = 7;

export function tagOf(random: Uint8Array): string {
  let tag = "";
  for (const byte of random) tag += ALPHABET[byte % ALPHABET.length];
  return tag;
}
