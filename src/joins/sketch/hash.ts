/**
 * A hash of 64 bits that is the same on every machine: MurmurHash3 (A. Appleby, public domain) with 32 bits
 * in two lanes. It is not for secrets.
 */

const bits = new DataView(new ArrayBuffer(8));

/** The newest hash, in two halves of 32 bits. One object for all hashes, so that none is allocated. */
export class Hash {
  high = 0;
  low = 0;

  /** Of a text, by its UTF-16 code units. Another `seed` makes another hash. */
  ofText(text: string, seed: number): void {
    const { length } = text;
    let high = seed;
    let low = seed;
    let at = 0;
    for (; at + 1 < length; at += 2) {
      const block = text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16);
      high = mixHigh(high, block);
      low = mixLow(low, block);
    }
    if (at < length) {
      high = mixHigh(high, text.charCodeAt(at));
      low = mixLow(low, text.charCodeAt(at));
    }
    this.#finish(high ^ length, low ^ length);
  }

  /** Of doubles, by their bits. */
  ofNumbers(seed: number, ...numbers: readonly number[]): void {
    let high = seed;
    let low = seed;
    for (const number of numbers) {
      bits.setFloat64(0, number);
      const upper = bits.getInt32(0);
      const lower = bits.getInt32(4);
      high = mixHigh(mixHigh(high, upper), lower);
      low = mixLow(mixLow(low, upper), lower);
    }
    this.#finish(high ^ numbers.length, low ^ numbers.length);
  }

  #finish(high: number, low: number): void {
    const crossed = (low + high) | 0;
    const mixedLow = avalanche(crossed);
    const mixedHigh = avalanche((high + crossed) | 0);
    this.low = (mixedLow + mixedHigh) >>> 0;
    this.high = (mixedHigh + this.low) >>> 0;
  }
}

function mixHigh(hash: number, block: number): number {
  const mixed = Math.imul(turned(Math.imul(block, 0xcc9e_2d51), 15), 0x1b87_3593);
  return (Math.imul(turned(hash ^ mixed, 13), 5) + 0xe654_6b64) | 0;
}

function mixLow(hash: number, block: number): number {
  const mixed = Math.imul(turned(Math.imul(block, 0x239b_961b), 16), 0xab0e_9789);
  return (Math.imul(turned(hash ^ mixed, 17), 5) + 0x561c_cd1b) | 0;
}

function turned(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function avalanche(word: number): number {
  let mixed = word ^ (word >>> 16);
  mixed = Math.imul(mixed, 0x85eb_ca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
}
