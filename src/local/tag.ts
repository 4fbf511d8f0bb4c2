import { randomBytes } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** The tag of an attempt: 7 letters and digits, 41 bits; one that is taken is refused by the ledger. */
export function newTag(): string {
  let tag = "";
  for (const byte of randomBytes(7)) tag += ALPHABET[byte % ALPHABET.length];
  return tag;
}
