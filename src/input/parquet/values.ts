/** How the values of a leaf become JSON. docs/input.md has the table of types. */
import { isAscii, isUtf8 } from "node:buffer";
import { MomentTexts, dateText } from "./moments.ts";
import type { Digits } from "./moments.ts";
import type { Element } from "./schema.ts";

/** Values as their encoding has them. `wides`: 64 bits each, as two halves, the lower one first. */
export type RawValues =
  | { readonly kind: "flags"; readonly values: Uint8Array }
  | { readonly kind: "ints"; readonly values: Int32Array }
  | { readonly kind: "wides"; readonly values: Int32Array }
  | { readonly kind: "floats"; readonly values: Float32Array | Float64Array }
  | ByteValues;

/** Value number n is the bytes from `starts[n]` up to `ends[n]`. */
export interface ByteValues {
  readonly kind: "bytes";
  readonly bytes: Buffer;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** In the place of a value that cannot be an item's: the reason. */
export class Unfit {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

export interface Convert {
  /** Values are strings that were text in the file. */
  readonly isText: boolean;
  /** `Unfit` in the place of values that cannot be converted. */
  all(raw: RawValues): ArrayLike<unknown>;
}

/** By the numbers of parquet.thrift. */
export const TYPE = {
  boolean: 0,
  int32: 1,
  int64: 2,
  int96: 3,
  float: 4,
  double: 5,
  bytes: 6,
  fixed: 7,
} as const;
const LOGICAL = {
  string: 1,
  enum: 4,
  decimal: 5,
  date: 6,
  time: 7,
  timestamp: 8,
  integer: 10,
  null: 11,
  json: 12,
  uuid: 14,
  float16: 15,
} as const;
const CONVERTED = {
  utf8: 0,
  enum: 4,
  decimal: 5,
  date: 6,
  timeMillis: 7,
  timeMicros: 8,
  timestampMillis: 9,
  timestampMicros: 10,
  uint8: 11,
  uint32: 13,
  uint64: 14,
  json: 19,
  interval: 21,
} as const;

const JULIAN_EPOCH_DAY = 2_440_588;
const DAY_NANOS = 86_400_000_000_000n;

/** What an element of the schema says of its values, old annotations and new ones alike. */
export function converterOf(element: Element): Convert {
  const { type } = element;
  if (type === TYPE.int32) return ints(element);
  if (type === TYPE.int64) return { isText: false, all: (raw) => wideValues(raw, ofWide(element)) };
  if (type === TYPE.int96)
    return { isText: false, all: (raw) => byteValues(raw, int96Text(new MomentTexts(9))) };
  if (type === TYPE.bytes || type === TYPE.fixed) return bytes(element);
  if (type === TYPE.boolean) return { isText: false, all: flags };
  return { isText: false, all: asTheyAre };
}

function asTheyAre(raw: RawValues): ArrayLike<unknown> {
  return raw.kind === "bytes" ? [] : raw.values;
}

function flags(raw: RawValues): unknown[] {
  return raw.kind === "flags" ? Array.from(raw.values, (flag) => flag === 1) : [];
}

function ints({ converted, logical, scale }: Element): Convert {
  const convert = (one: (value: number) => unknown): Convert => ({
    isText: false,
    all: (raw) => (raw.kind === "ints" ? Array.from(raw.values, one) : []),
  });
  if (logical?.id === LOGICAL.decimal || converted === CONVERTED.decimal) {
    return convert((value) => decimalText(String(value), scaleOf({ logical, scale })));
  }
  if (logical?.id === LOGICAL.date || converted === CONVERTED.date) return convert(dateText);
  if (logical?.id === LOGICAL.time || converted === CONVERTED.timeMillis) {
    const moments = new MomentTexts(3);
    return convert((value) => moments.time(value));
  }
  if (isUnsigned({ converted, logical })) return convert((value) => value >>> 0);
  return { isText: false, all: asTheyAre };
}

function isUnsigned({ converted, logical }: Pick<Element, "converted" | "logical">): boolean {
  if (logical?.id === LOGICAL.integer) return logical.fields[2] === false;
  return converted !== null && converted >= CONVERTED.uint8 && converted <= CONVERTED.uint64;
}

function scaleOf({ logical, scale }: Pick<Element, "logical" | "scale">): number {
  const own = logical?.id === LOGICAL.decimal ? logical.fields[1] : undefined;
  return typeof own === "number" ? own : scale;
}

/** Exact, with as many digits behind the point as the scale says. */
function decimalText(unscaled: string, scale: number): string {
  if (scale <= 0) return unscaled === "0" ? unscaled : `${unscaled}${"0".repeat(-scale)}`;
  const sign = unscaled.startsWith("-") ? "-" : "";
  const digits = unscaled.slice(sign.length).padStart(scale + 1, "0");
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

type OfWide = (low: number, high: number) => unknown;

function wideValues(raw: RawValues, one: OfWide): unknown[] {
  if (raw.kind !== "wides") return [];
  const { values } = raw;
  const converted: unknown[] = [];
  for (let at = 0; at < values.length; at += 2) converted.push(one(values[at] ?? 0, values[at + 1] ?? 0));
  return converted;
}

function ofWide({ converted, logical, scale }: Element): OfWide {
  if (logical?.id === LOGICAL.decimal || converted === CONVERTED.decimal) {
    const digits = scaleOf({ logical, scale });
    return (low, high) => decimalText(String(signed(low, high)), digits);
  }
  if (logical?.id === LOGICAL.timestamp) {
    const moments = new MomentTexts(digitsOf(logical.fields[2]));
    const zone = logical.fields[1] === true ? "Z" : "";
    return (low, high) => `${moments.timestamp(signed(low, high))}${zone}`;
  }
  if (logical?.id === LOGICAL.time) return timeOf(new MomentTexts(digitsOf(logical.fields[2])));
  if (converted === CONVERTED.timeMicros) return timeOf(new MomentTexts(6));
  if (converted === CONVERTED.timestampMillis || converted === CONVERTED.timestampMicros) {
    const moments = new MomentTexts(converted === CONVERTED.timestampMillis ? 3 : 6);
    return (low, high) => `${moments.timestamp(signed(low, high))}Z`;
  }
  return isUnsigned({ converted, logical }) ? (low, high) => exact(unsigned(low, high)) : wideNumber;
}

/** A number where it is exact, else text. Called for every value. */
function wideNumber(low: number, high: number): unknown {
  return exact(signed(low, high));
}

function exact(value: number | bigint): unknown {
  return typeof value === "number" ? value : String(value);
}

function timeOf(moments: MomentTexts): OfWide {
  return (low, high) => {
    const units = signed(low, high);
    return typeof units === "number" ? moments.time(units) : new Unfit("has a time that is not of a day");
  };
}

const HIGH_UNIT = 2 ** 32;
/** Beyond these, a number may not be exact. */
const MAX_HIGH = 2 ** 21;

function signed(low: number, high: number): number | bigint {
  const isExact = high < MAX_HIGH && high >= -MAX_HIGH && !(high === -MAX_HIGH && low === 0);
  return isExact ? high * HIGH_UNIT + (low >>> 0) : (BigInt(high) << 32n) | BigInt(low >>> 0);
}

function unsigned(low: number, high: number): number | bigint {
  const upper = high >>> 0;
  if (upper < MAX_HIGH) return upper * HIGH_UNIT + (low >>> 0);
  return (BigInt(upper) << 32n) | BigInt(low >>> 0);
}

/** Of a unit of time: 1 milli-, 2 micro-, 3 nanoseconds. */
function digitsOf(unit: unknown): Digits {
  const fields = Array.isArray(unit) ? (unit as readonly unknown[]) : [];
  if (fields[1] !== undefined) return 3;
  return fields[2] === undefined ? 9 : 6;
}

type OfBytes = (bytes: Buffer, start: number, end: number) => unknown;

function byteValues(raw: RawValues, one: OfBytes): unknown[] {
  if (raw.kind !== "bytes") return [];
  const { bytes: text, starts, ends } = raw;
  const converted: unknown[] = [];
  for (let at = 0; at < starts.length; at++) converted.push(one(text, starts[at] ?? 0, ends[at] ?? 0));
  return converted;
}

function bytes({ type, typeLength, converted, logical, scale }: Element): Convert {
  const convert = (one: OfBytes): Convert => ({ isText: false, all: (raw) => byteValues(raw, one) });
  if (logical?.id === LOGICAL.decimal || converted === CONVERTED.decimal) {
    const digits = scaleOf({ logical, scale });
    return convert((text, start, end) => decimalText(String(bigEndian(text, start, end)), digits));
  }
  if (logical?.id === LOGICAL.uuid && typeLength === 16) return convert(uuidText);
  if (logical?.id === LOGICAL.float16 && typeLength === 2) return convert(float16);
  if (converted === CONVERTED.interval && typeLength === 12) return convert(intervalText);
  const isText =
    logical === null
      ? converted === CONVERTED.utf8 || converted === CONVERTED.enum || converted === CONVERTED.json
      : logical.id === LOGICAL.string || logical.id === LOGICAL.enum || logical.id === LOGICAL.json;
  if (isText && type === TYPE.bytes) return { isText: true, all: texts };
  return convert((text, start, end) => text.toString("base64", start, end));
}

/** A column of plain ASCII, with its lengths, is read without a look at each value. */
function texts(raw: RawValues): unknown[] {
  if (raw.kind !== "bytes") return [];
  return byteValues(raw, isAscii(raw.bytes) ? asciiText : utf8Text);
}

function asciiText(text: Buffer, start: number, end: number): string {
  return text.toString("latin1", start, end);
}

function utf8Text(text: Buffer, start: number, end: number): unknown {
  const decoded = text.toString("utf8", start, end);
  const isSound = !decoded.includes("\uFFFD") || isUtf8(text.subarray(start, end));
  return isSound ? decoded : new Unfit("has text that is not valid UTF-8");
}

const SIGN_BIT = 0x80;

function bigEndian(text: Buffer, start: number, end: number): bigint {
  if (start === end) return 0n;
  const value = BigInt(`0x${text.toString("hex", start, end)}`);
  return (text[start] ?? 0) < SIGN_BIT ? value : value - (1n << BigInt((end - start) * 8));
}

function uuidText(text: Buffer, start: number): string {
  const hex = text.toString("hex", start, start + 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function float16(text: Buffer, start: number): number {
  const bits = text.readUInt16LE(start);
  const sign = bits >> 15 === 1 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A duration of ISO 8601: months, days and milliseconds, each on its own. */
function intervalText(text: Buffer, start: number): string {
  const seconds = decimalText(String(text.readUInt32LE(start + 8)), 3);
  return `P${text.readUInt32LE(start)}M${text.readUInt32LE(start + 4)}DT${seconds}S`;
}

/** Impala's and old Spark's timestamps: nanoseconds of a day, and the day in the Julian calendar. */
function int96Text(moments: MomentTexts): OfBytes {
  return (text, start) => {
    const nanos = text.readBigInt64LE(start);
    const days = BigInt(text.readInt32LE(start + 8) - JULIAN_EPOCH_DAY);
    return moments.timestamp(days * DAY_NANOS + nanos);
  };
}
