/** Doubles as big integers in units of 2^-1074, the smallest double: slow, but exact and without a limit. */

const UNIT_EXPONENT = 1074;
/** More than the 53 bits of a double. Of the dropped bits it is enough to know whether one is set. */
const KEPT_BITS = 64;

/** A finite double in units of 2^-1074. */
export function toFixed(value: number): bigint {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const pattern = bits.getBigUint64(0);
  const exponent = (pattern >> 52n) & 0x7ffn;
  const fraction = pattern & 0xf_ffff_ffff_ffffn;
  const magnitude = exponent === 0n ? fraction : (fraction | 0x10_0000_0000_0000n) << (exponent - 1n);
  return value < 0 ? -magnitude : magnitude;
}

/** The nearest double, half to even. `±Infinity` beyond the largest double. */
export function roundFixed(fixed: bigint): number {
  return roundRatio(fixed, 1n, -UNIT_EXPONENT);
}

/** The double that is nearest to `fixed / divisor`, of a positive divisor; half to even. */
export function divideFixed(fixed: bigint, divisor: bigint): number {
  return roundRatio(fixed, divisor, -UNIT_EXPONENT);
}

/**
 * The double that is nearest to `numerator / denominator`, in units of 2^-2148, of a positive denominator.
 * Products of two fixed numbers have this unit.
 */
export function divideSquares(numerator: bigint, denominator: bigint): number {
  return roundRatio(numerator, denominator, -2 * UNIT_EXPONENT);
}

/** The square root of the same, rounded once. Neither may be negative. */
export function rootOfSquares(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return 0;
  // Scaled by an even power of two, so that the root has more bits than a double.
  const bits = bitLength(numerator) - bitLength(denominator);
  const up = Math.max(0, 2 * KEPT_BITS + 2 - bits);
  const shift = up + (up % 2);
  const scaled = (numerator << BigInt(shift)) / denominator;
  const exact = scaled * denominator === numerator << BigInt(shift);
  const root = squareRoot(scaled);
  const sticky = exact && root * root === scaled ? 0n : 1n;
  return roundScaled((root << 1n) | sticky, -UNIT_EXPONENT - shift / 2 - 1);
}

/** Half to even. The unit of the quotient is `2 ** exponent`. */
function roundRatio(numerator: bigint, denominator: bigint, exponent: number): number {
  const magnitude = numerator < 0n ? -numerator : numerator;
  const shift = Math.max(0, KEPT_BITS + 1 - (bitLength(magnitude) - bitLength(denominator)));
  const scaled = magnitude << BigInt(shift);
  const quotient = scaled / denominator;
  const sticky = quotient * denominator === scaled ? 0n : 1n;
  const rounded = roundScaled((quotient << 1n) | sticky, exponent - shift - 1);
  return numerator < 0n ? -rounded : rounded;
}

/** The double nearest to `magnitude * 2 ** exponent`. Its last bit stands for all that were dropped. */
function roundScaled(magnitude: bigint, exponent: number): number {
  const length = bitLength(magnitude);
  if (length === 0) return 0;
  // A double has 53 bits, and none below 2^-1074. What is cut off is only looked at.
  const dropped = Math.max(length - 53, -UNIT_EXPONENT - exponent);
  if (dropped <= 0) return scale(Number(magnitude), exponent);
  const shift = BigInt(dropped);
  const head = magnitude >> shift;
  const rest = magnitude - (head << shift);
  const half = 1n << (shift - 1n);
  const up = rest > half || (rest === half && (head & 1n) === 1n);
  return scale(Number(up ? head + 1n : head), exponent + dropped);
}

/** In steps, because powers of two end at 2^1023 and 2^-1074. These multiplications do not round. */
function scale(value: number, exponent: number): number {
  let scaled = value;
  let left = exponent;
  while (left !== 0 && scaled !== 0 && Number.isFinite(scaled)) {
    const step = Math.max(-1000, Math.min(1000, left));
    scaled *= 2 ** step;
    left -= step;
  }
  return scaled;
}

function bitLength(magnitude: bigint): number {
  if (magnitude === 0n) return 0;
  const hex = magnitude.toString(16);
  return 4 * hex.length - (Math.clz32(Number.parseInt(hex[0] ?? "0", 16)) - 28);
}

/** Newton's method, from above. */
function squareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt(Math.ceil(bitLength(value) / 2));
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
