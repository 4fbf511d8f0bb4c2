/**
 * Many texts, numbered in the order in which they were added. They lie side by side in one list of
 * characters, with a hash table of numbers beside it. A `Map` of five million keys takes three times as long
 * and twice the memory, because each key is an object of its own.
 */

const FIRST_SLOTS = 2 ** 16;
const FIRST_CHARS = 2 ** 20;
/** Characters that are read at once. Texts that are kept hold on to what was read with them. */
const WINDOW_CHARS = 4096;
const MOST_LATIN1 = 0xff;
/** Positions have 32 bits. */
const MOST_CHARS = 2 ** 32 - 1;

/** Follows each text in the list of characters, and divides texts in the text of several. */
const SEPARATOR_CODE = 0x7f;
/** A character that JSON writes as it is, and that hardly any key has. */
export const SEPARATOR: string = String.fromCharCode(SEPARATOR_CODE);

export class KeyIndex {
  #size = 0;
  /** Pairs of a hash and a number, which counts from 1; 0: the slot is free. */
  #slots = new Int32Array(2 * FIRST_SLOTS);
  #mask = FIRST_SLOTS - 1;
  /** Bytes as long as all characters are Latin-1. */
  #chars: Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> = new Uint8Array(FIRST_CHARS);
  /** The position behind each text and its separator. */
  #ends = new Uint32Array(FIRST_SLOTS);
  #hasSeparator = false;
  /** Of the text that was not found last: where it goes. */
  #missedSlot = 0;
  #missedHash = 0;

  get size(): number {
    return this.#size;
  }

  /** The number of the characters `from` up to `to` of `text`; -1: they were not added. */
  find(text: string, from: number, to: number): number {
    const hash = hashOf(text, from, to);
    const slots = this.#slots;
    const mask = this.#mask;
    let slot = hash & mask;
    for (;;) {
      const number = slots[2 * slot + 1] as number;
      if (number === 0) break;
      if (slots[2 * slot] === hash && this.#isAt(number - 1, text, from, to)) return number - 1;
      slot = (slot + 1) & mask;
    }
    this.#missedSlot = slot;
    this.#missedHash = hash;
    return -1;
  }

  /** Adds the text that `find` was asked for last, and has not found. */
  add(text: string, from: number, to: number): number {
    const number = this.#size++;
    const end = this.#append(number === 0 ? 0 : (this.#ends[number - 1] as number), text, from, to);
    if (number === this.#ends.length) this.#ends = new Uint32Array(grown(this.#ends));
    this.#ends[number] = end;
    this.#slots[2 * this.#missedSlot] = this.#missedHash;
    this.#slots[2 * this.#missedSlot + 1] = this.#size;
    // At most three of four slots are taken.
    if (4 * this.#size > 3 * this.#mask) this.#rehash();
    return number;
  }

  #isAt(number: number, text: string, from: number, to: number): boolean {
    const begin = this.#beginOf(number);
    if ((this.#ends[number] as number) - begin !== to - from + 1) return false;
    const chars = this.#chars;
    for (let at = from; at < to; at++) if (chars[begin + at - from] !== text.charCodeAt(at)) return false;
    return true;
  }

  #beginOf(number: number): number {
    return number === 0 ? 0 : (this.#ends[number - 1] as number);
  }

  #append(begin: number, text: string, from: number, to: number): number {
    const end = begin + to - from + 1;
    if (end > this.#chars.length) this.#reserve(end);
    const chars = this.#chars;
    let codes = 0;
    for (let at = from; at < to; at++) {
      const code = text.charCodeAt(at);
      codes |= code;
      if (code === SEPARATOR_CODE) this.#hasSeparator = true;
      chars[begin + at - from] = code;
    }
    chars[end - 1] = SEPARATOR_CODE;
    if (codes <= MOST_LATIN1 || chars instanceof Uint16Array) return end;
    this.#chars = Uint16Array.from(chars);
    return this.#append(begin, text, from, to);
  }

  #reserve(chars: number): void {
    if (chars > MOST_CHARS) throw new RangeError("the keys of the groups have more than 4 GiB");
    while (this.#chars.length < chars) {
      const buffer = grown(this.#chars);
      this.#chars = this.#chars instanceof Uint8Array ? new Uint8Array(buffer) : new Uint16Array(buffer);
    }
  }

  #rehash(): void {
    const old = this.#slots;
    const mask = 2 * this.#mask + 1;
    const slots = new Int32Array(2 * old.length);
    for (let from = 0; from < old.length; from += 2) {
      const number = old[from + 1] as number;
      if (number === 0) continue;
      const hash = old[from] as number;
      let slot = hash & mask;
      while (slots[2 * slot + 1] !== 0) slot = (slot + 1) & mask;
      slots[2 * slot] = hash;
      slots[2 * slot + 1] = number;
    }
    this.#slots = slots;
    this.#mask = mask;
  }

  /** All texts, in the order of their numbers. */
  *texts(): Generator<string> {
    for (let from = 0; from < this.#size;) {
      const begin = this.#beginOf(from);
      let to = from + 1;
      while (to < this.#size && (this.#ends[to] as number) - begin <= WINDOW_CHARS) to++;
      const window = this.#text(begin, this.#ends[to - 1] as number);
      for (let at = 0; from < to; from++) {
        const end = (this.#ends[from] as number) - begin;
        yield window.slice(at, end - 1);
        at = end;
      }
    }
  }

  /** The texts of these numbers as one, divided by separators; `null`: some text contains one. */
  joined(from: number, to: number): string | null {
    if (this.#hasSeparator || from >= to) return null;
    return this.#text(this.#beginOf(from), (this.#ends[to - 1] as number) - 1);
  }

  textAt(number: number): string {
    return this.#text(this.#beginOf(number), (this.#ends[number] as number) - 1);
  }

  #text(begin: number, end: number): string {
    const chars = this.#chars;
    const { buffer, BYTES_PER_ELEMENT: width } = chars;
    const bytes = Buffer.from(buffer, begin * width, (end - begin) * width);
    return bytes.toString(width === 1 ? "latin1" : "utf16le");
  }
}

/** The buffer of a list, twice as long. The kernel gives memory only to the part that is written. */
function grown(
  list: Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>,
): ArrayBuffer {
  return list.buffer.transfer(2 * list.byteLength);
}

/** Another one in each process: nobody can write keys that all have one slot. No result depends on it. */
const SEED = Math.trunc(Math.random() * 2 ** 32);

/** FNV-1a by UTF-16 code units, and two steps that spread it over the lower bits. */
function hashOf(text: string, from: number, to: number): number {
  let hash = (to - from) ^ SEED;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85eb_ca6b);
  return hash ^ (hash >>> 13);
}
