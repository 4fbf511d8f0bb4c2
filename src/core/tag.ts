/**
 * The tag of an attempt: short, because a node has a hundred of them; letters and digits, because what begins
 * with `-` names no partial.
 */
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/**
 * Random bytes that a tag is made of, and its characters: 41 bits. One that is taken is refused by the
 * ledger.
 */
export const TAG_BYTES = 7;

export function tagOf(random: Uint8Array): string {
  return Array.from(random, (byte) => ALPHABET[byte % ALPHABET.length]).join("");
}
