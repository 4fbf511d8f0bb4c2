/** Tells that a key has no record, without asking the database: a Bloom filter. */
import { checksum } from "../../checksum.ts";

/**
 * Bits of the filter: 128 KiB. A batch of a million chunks has some 30,000 records, and one look-up in 300 is
 * then made in vain.
 */
const BITS = 2 ** 20;
const SHIFT = 32 - Math.log2(BITS);
/** Makes a second place of the same checksum: 2^32 divided by the golden ratio, as in Knuth's hashing. */
const SPREAD = 0x9e3779b1;
/** The filter is made when so many keys were looked for in vain. Until then nothing is read for it. */
const MISSES_BEFORE = 500;

type EachKey = (visit: (key: string) => void) => void;

export class KeyFilter {
  readonly #eachKey: EachKey;
  #bits: Uint8Array | null = null;
  #misses = 0;

  /** `eachKey` visits all keys that have a record. Called at most once. */
  constructor(eachKey: EachKey) {
    this.#eachKey = eachKey;
  }

  /** False: the key has no record. */
  mayHave(key: string): boolean {
    if (this.#bits === null) return true;
    const sum = checksum(key);
    return this.#has(sum >>> SHIFT) && this.#has(Math.imul(sum, SPREAD) >>> SHIFT);
  }

  /** To be called for each key that gets a record. */
  add(key: string): void {
    if (this.#bits === null) return;
    const sum = checksum(key);
    this.#set(sum >>> SHIFT);
    this.#set(Math.imul(sum, SPREAD) >>> SHIFT);
  }

  /** A key was looked for in vain. */
  missed(): void {
    if (this.#bits !== null || ++this.#misses < MISSES_BEFORE) return;
    this.#bits = new Uint8Array(BITS / 8);
    this.#eachKey((key) => this.add(key));
  }

  #has(bit: number): boolean {
    return ((this.#bits?.[bit >>> 3] ?? 0) & (1 << (bit & 7))) !== 0;
  }

  #set(bit: number): void {
    if (this.#bits !== null) this.#bits[bit >>> 3] = (this.#bits[bit >>> 3] ?? 0) | (1 << (bit & 7));
  }
}
