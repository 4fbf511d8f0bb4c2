/** The objects and arrays that are open, one bit each: a hostile document opens millions. */

export interface OpenLevels {
  readonly depth: number;
  push(isObject: boolean): void;
  pop(): void;
  /** Whether the innermost one is an object; `false` if none is open. */
  isObject(): boolean;
}

export function openLevels(): OpenLevels {
  let bits = new Uint8Array(64);
  let depth = 0;
  return {
    get depth() {
      return depth;
    },
    push(isObject) {
      const at = depth >> 3;
      if (at === bits.length) {
        const larger = new Uint8Array(2 * bits.length);
        larger.set(bits);
        bits = larger;
      }
      const bit = 1 << (depth & 7);
      bits[at] = isObject ? (bits[at] ?? 0) | bit : (bits[at] ?? 0) & ~bit;
      depth++;
    },
    pop: () => void depth--,
    isObject: () => depth > 0 && ((bits[(depth - 1) >> 3] ?? 0) & (1 << ((depth - 1) & 7))) !== 0,
  };
}
