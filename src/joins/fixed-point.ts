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
  const magnitude = fixed < 0n ? -fixed : fixed;
  const dropped = Math.max(0, magnitude.toString(2).length - KEPT_BITS);
  const shift = BigInt(dropped);
  const head = magnitude >> shift;
  const trace = head << shift === magnitude ? 0n : 1n;
  const rounded = scale(Number(head | trace), dropped - UNIT_EXPONENT);
  return fixed < 0n ? -rounded : rounded;
}

/** In two steps, because 2^1074 is beyond the doubles. These multiplications do not round. */
function scale(value: number, exponent: number): number {
  const half = Math.trunc(exponent / 2);
  return value * 2 ** half * 2 ** (exponent - half);
}
