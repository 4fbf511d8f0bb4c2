/** Decodes the values of a page, as its encoding has them. */
import { alpDecode } from "hyparquet/src/alp.js";
import { deltaBinaryUnpack } from "hyparquet/src/delta.js";
import { byteStreamSplit } from "hyparquet/src/encoding.js";
import { ThriftReader } from "../thrift.ts";
import type { Leaf } from "../schema.ts";
import { readRuns } from "./runs.ts";
import { TYPE } from "../values.ts";
import type { ByteValues, RawValues } from "../values.ts";

/** By the numbers of `Encoding` in parquet.thrift. */
export const ENCODING = {
  plain: 0,
  plainDictionary: 2,
  rle: 3,
  bitPacked: 4,
  delta: 5,
  deltaLengths: 6,
  deltaBytes: 7,
  dictionary: 8,
  split: 9,
  alp: 10,
} as const;

/** The bytes of values, from `start` up to the end of `bytes`. */
export interface EncodedValues {
  readonly bytes: Buffer;
  readonly start: number;
  /** How many there are, without nulls. */
  readonly count: number;
}

/** Text that a page may repeat by references to the value before: of a page of some bytes, gigabytes. */
const MAX_REPEATED_BYTES = 256 * 1024 * 1024;
const INT96_BYTES = 12;

/** `null`: the encoding is unknown. Throws errors of all kinds for bytes that are damaged. */
export function decode(encoding: number, leaf: Leaf, encoded: EncodedValues): RawValues | null {
  switch (encoding) {
    case ENCODING.plain:
      return plain(leaf, encoded);
    case ENCODING.rle:
      return leaf.type === TYPE.boolean ? flagRuns(encoded) : null;
    case ENCODING.delta:
      return delta(leaf, encoded);
    case ENCODING.deltaLengths:
      return leaf.type === TYPE.bytes ? deltaLengths(encoded) : null;
    case ENCODING.deltaBytes:
      return deltaBytes(encoded);
    case ENCODING.split:
      return split(leaf, encoded);
    case ENCODING.alp:
      return floats(alpDecode(viewOf(encoded), encoded.count, typeName(leaf)));
    default:
      return null;
  }
}

function plain(leaf: Leaf, encoded: EncodedValues): RawValues {
  const { count } = encoded;
  switch (leaf.type) {
    case TYPE.boolean:
      return { kind: "flags", values: flags(encoded) };
    case TYPE.int32:
      return { kind: "ints", values: new Int32Array(aligned(encoded, count * 4)) };
    case TYPE.int64:
      return { kind: "wides", values: new Int32Array(aligned(encoded, count * 8)) };
    case TYPE.float:
      return { kind: "floats", values: new Float32Array(aligned(encoded, count * 4)) };
    case TYPE.double:
      return { kind: "floats", values: new Float64Array(aligned(encoded, count * 8)) };
    case TYPE.int96:
      return fixedValues(encoded, INT96_BYTES);
    case TYPE.fixed:
      return fixedValues(encoded, leaf.typeLength);
    default:
      return prefixedValues(encoded);
  }
}

/** A copy: typed arrays have to begin at a multiple of their size. */
function aligned({ bytes, start }: EncodedValues, length: number): ArrayBuffer {
  if (length > bytes.length - start) throw new RangeError("the values end too early");
  const copy = new ArrayBuffer(length);
  new Uint8Array(copy).set(bytes.subarray(start, start + length));
  return copy;
}

function flags({ bytes, start, count }: EncodedValues): Uint8Array {
  if (Math.ceil(count / 8) > bytes.length - start) throw new RangeError("the values end too early");
  const values = new Uint8Array(count);
  for (let at = 0; at < count; at++) values[at] = ((bytes[start + (at >> 3)] ?? 0) >> (at & 7)) & 1;
  return values;
}

const PREFIX_BYTES = 4;

/** Runs behind their length. */
function flagRuns({ bytes, start, count }: EncodedValues): RawValues {
  const runs = { start: start + PREFIX_BYTES, end: bytes.length, width: 1 };
  return { kind: "flags", values: readRuns(bytes, runs, new Uint8Array(count)) };
}

function fixedValues({ bytes, start, count }: EncodedValues, length: number): ByteValues {
  if (length * count > bytes.length - start) throw new RangeError("the values end too early");
  const starts = Int32Array.from({ length: count }, (_, at) => start + at * length);
  return { kind: "bytes", bytes, starts, ends: starts.map((at) => at + length) };
}

/** Each value behind its length. */
function prefixedValues({ bytes, start, count }: EncodedValues): ByteValues {
  if (count * PREFIX_BYTES > bytes.length - start) throw new RangeError("the values end too early");
  const starts = new Int32Array(count);
  const ends = new Int32Array(count);
  let at = start;
  for (let value = 0; value < count; value++) {
    const length = bytes.readUInt32LE(at);
    at += PREFIX_BYTES;
    if (length > bytes.length - at) throw new RangeError("a value ends behind its page");
    starts[value] = at;
    at += length;
    ends[value] = at;
  }
  return { kind: "bytes", bytes, starts, ends };
}

interface View {
  readonly view: DataView;
  offset: number;
}

function viewOf({ bytes, start }: EncodedValues): View {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), offset: start };
}

function delta(leaf: Leaf, encoded: EncodedValues): RawValues | null {
  if (leaf.type === TYPE.int32) return { kind: "ints", values: deltaInts(viewOf(encoded), encoded) };
  if (leaf.type !== TYPE.int64) return null;
  checkDelta(encoded.bytes, encoded.start, encoded.count);
  const values = new BigInt64Array(encoded.count);
  if (encoded.count > 0) deltaBinaryUnpack(viewOf(encoded), encoded.count, values);
  return { kind: "wides", values: new Int32Array(values.buffer) };
}

/** Leaves the view behind the numbers. */
function deltaInts(view: View, { bytes, count }: EncodedValues): Int32Array {
  const values = new Int32Array(count);
  const { total, end } = checkDelta(bytes, view.offset, count);
  if (total === 0) view.offset = end;
  else deltaBinaryUnpack(view, count, values);
  return values;
}

const MAX_BLOCK = 1024 * 1024;

/** The decoder of hyparquet believes what the head says. */
function checkDelta(
  bytes: Buffer,
  start: number,
  count: number,
): { readonly total: number; readonly end: number } {
  const reader = new ThriftReader(bytes, start);
  const [block, parts, total] = [reader.varint(), reader.varint(), reader.varint()];
  reader.varint();
  const isSound =
    block > 0 && block <= MAX_BLOCK && parts > 0 && block % parts === 0 && (block / parts) % 8 === 0;
  if (!isSound || total !== count) throw new RangeError("the head of delta-encoded values is wrong");
  return { total, end: reader.offset };
}

function deltaLengths(encoded: EncodedValues): ByteValues {
  const view = viewOf(encoded);
  const lengths = deltaInts(view, encoded);
  return consecutive(encoded.bytes, view.offset, lengths);
}

function consecutive(bytes: Buffer, start: number, lengths: Int32Array): ByteValues {
  const starts = new Int32Array(lengths.length);
  const ends = new Int32Array(lengths.length);
  let at = start;
  lengths.forEach((length, value) => {
    if (length < 0 || length > bytes.length - at) throw new RangeError("a value ends behind its page");
    starts[value] = at;
    at += length;
    ends[value] = at;
  });
  return { kind: "bytes", bytes, starts, ends };
}

/** Each value begins like the one before: so many bytes are the same, and the rest follows. */
function deltaBytes(encoded: EncodedValues): ByteValues {
  const view = viewOf(encoded);
  const prefixes = deltaInts(view, encoded);
  const suffixLengths = deltaInts(view, encoded);
  const suffixes = consecutive(encoded.bytes, view.offset, suffixLengths);
  let total = 0;
  let last = 0;
  prefixes.forEach((prefix, value) => {
    if (prefix < 0 || prefix > last) throw new RangeError("a value repeats more than there is");
    last = prefix + (suffixLengths[value] ?? 0);
    total += last;
  });
  if (total > MAX_REPEATED_BYTES) throw new RangeError(`its values have ${total} bytes in one page`);
  const bytes = Buffer.allocUnsafe(total);
  const starts = new Int32Array(encoded.count);
  const ends = new Int32Array(encoded.count);
  let at = 0;
  prefixes.forEach((prefix, value) => {
    const before = starts[value - 1] ?? 0;
    bytes.copyWithin(at, before, before + prefix);
    suffixes.bytes.copy(bytes, at + prefix, suffixes.starts[value], suffixes.ends[value]);
    starts[value] = at;
    at += prefix + (suffixLengths[value] ?? 0);
    ends[value] = at;
  });
  return { kind: "bytes", bytes, starts, ends };
}

function split(leaf: Leaf, encoded: EncodedValues): RawValues | null {
  const width =
    { [TYPE.int32]: 4, [TYPE.float]: 4, [TYPE.int64]: 8, [TYPE.double]: 8 }[leaf.type] ?? leaf.typeLength;
  if (width * encoded.count > encoded.bytes.length - encoded.start) {
    throw new RangeError("the values end too early");
  }
  if (leaf.type === TYPE.fixed) return splitFixed(encoded, width);
  const values = byteStreamSplit(viewOf(encoded), encoded.count, typeName(leaf), undefined);
  if (values instanceof BigInt64Array) {
    return { kind: "wides", values: new Int32Array(values.buffer) };
  }
  return values instanceof Int32Array ? { kind: "ints", values } : floats(values);
}

function splitFixed({ bytes, start, count }: EncodedValues, width: number): ByteValues {
  const whole = Buffer.allocUnsafe(count * width);
  for (let byte = 0; byte < width; byte++) {
    const from = start + byte * count;
    for (let value = 0; value < count; value++) whole[value * width + byte] = bytes[from + value] ?? 0;
  }
  return fixedValues({ bytes: whole, start: 0, count }, width);
}

function floats(values: unknown): RawValues | null {
  const isFloats = values instanceof Float32Array || values instanceof Float64Array;
  return isFloats ? { kind: "floats", values } : null;
}

function typeName({ type }: Leaf): "INT32" | "INT64" | "FLOAT" | "DOUBLE" {
  if (type === TYPE.int32) return "INT32";
  if (type === TYPE.int64) return "INT64";
  return type === TYPE.float ? "FLOAT" : "DOUBLE";
}
