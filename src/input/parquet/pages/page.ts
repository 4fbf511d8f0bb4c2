/** One page of a column: its header, and its values with their levels. */
import { reasonOf } from "../../../core/errors/errors.ts";
import { checksum } from "../../../checksum.ts";
import { Damage } from "../../unpack/damage.ts";
import { ENCODING, decode } from "./encodings.ts";
import { readRuns } from "./runs.ts";
import type { Leaf } from "../schema.ts";
import { ThriftReader } from "../thrift.ts";
import type { Struct, WantedFields } from "../thrift.ts";
import type { UnpackPage } from "./unpack-page.ts";
import { Unfit } from "../values.ts";
import type { RawValues } from "../values.ts";

const PAGE_HEADER: WantedFields = {
  1: true,
  2: true,
  3: true,
  4: true,
  5: { 1: true, 2: true, 3: true, 4: true },
  7: { 1: true, 2: true },
  8: { 1: true, 2: true, 3: true, 4: true, 5: true, 6: true, 7: true },
};

const PAGE_TYPES: readonly PageHeader["type"][] = ["data", "other", "dictionary", "data-v2"];
const V2 = "data-v2";

/** The limit of Parquet itself is 2 GiB; writers make pages of about 1 MiB. A single value may be longer. */
const MAX_PAGE_BYTES = 512 * 1024 * 1024;
/** A page of nulls alone may name any number of them in a few bytes. */
const MAX_PAGE_ENTRIES = 16 * 1024 * 1024;

export interface PageHeader {
  readonly type: "data" | "dictionary" | "data-v2" | "other";
  /** The size of the page as it is stored, without its header, and unpacked. */
  readonly stored: number;
  readonly unpacked: number;
  readonly crc: number | null;
  /** Values and nulls. */
  readonly entries: number;
  readonly encoding: number;
  /** Only version 2 of pages says how many rows begin in them. */
  readonly rows: number | null;
  /** Bytes of the levels before the values, in version 2. */
  readonly repBytes: number;
  readonly defBytes: number;
  readonly packed: boolean;
  /** Levels that are not in runs were given up before 2013. */
  readonly oldLevels: boolean;
}

/** The values of a page; of a column without repetition with `null` where there are nulls. */
export interface ColumnPage {
  readonly entries: number;
  readonly values: ArrayLike<unknown>;
  /** Levels; `null` where all have the highest, or there is only one. */
  readonly def: Uint8Array | null;
  readonly rep: Uint8Array | null;
  /** There is an `Unfit` among the values. */
  readonly unfit: boolean;
  next: ColumnPage | null;
}

export type Dictionary = Pick<ColumnPage, "values" | "unfit">;

/** Reads the header at the beginning of `bytes`. Throws what `ThriftReader` throws, and `Damage`. */
export function pageHeader(bytes: Buffer): { readonly header: PageHeader; readonly length: number } {
  const reader = new ThriftReader(bytes);
  const fields = reader.struct(PAGE_HEADER);
  return { header: headerOf(fields), length: reader.offset };
}

function headerOf(fields: Struct): PageHeader {
  const type = PAGE_TYPES[Number(fields[1])] ?? "other";
  const own = (fields[type === V2 ? 8 : type === "dictionary" ? 7 : 5] ?? []) as Struct;
  const isV2 = type === V2;
  const header: PageHeader = {
    type,
    stored: sizeOf(fields[3]),
    unpacked: sizeOf(fields[2]),
    crc: typeof fields[4] === "number" ? fields[4] >>> 0 : null,
    entries: type === "other" ? 0 : sizeOf(own[1]),
    encoding: Number(own[isV2 ? 4 : 2] ?? -1),
    rows: isV2 ? sizeOf(own[3]) : null,
    repBytes: isV2 ? sizeOf(own[6]) : 0,
    defBytes: isV2 ? sizeOf(own[5]) : 0,
    packed: own[7] !== false,
    oldLevels: type === "data" && (own[3] === ENCODING.bitPacked || own[4] === ENCODING.bitPacked),
  };
  if (header.unpacked > MAX_PAGE_BYTES) {
    throw new Damage(`a page unpacks to ${header.unpacked} bytes, the limit is ${MAX_PAGE_BYTES}`);
  }
  if (header.rows !== null && header.rows > header.entries)
    throw new Damage("the header of a page is damaged");
  if (header.entries > MAX_PAGE_ENTRIES) {
    throw new Damage(`a page has ${header.entries} values, the limit is ${MAX_PAGE_ENTRIES}`);
  }
  return header;
}

function sizeOf(value: unknown): number {
  if (typeof value === "number" && value >= 0) return value;
  throw new Damage("the header of a page is damaged");
}

export interface StoredPage {
  readonly header: PageHeader;
  /** As it is in the file. */
  readonly bytes: Buffer;
  readonly unpack: UnpackPage;
}

/** Throws `Damage` if the page has a checksum, and another one than its bytes. */
export function verifyPage({ header: { crc }, bytes }: StoredPage): void {
  if (crc !== null && checksum(bytes) !== crc) throw new Damage("the checksum of a page is another one");
}

/** Throws `Damage`. */
export function readDictionary(leaf: Leaf, page: StoredPage): Dictionary {
  return sound(() => {
    const { header, bytes, unpack } = page;
    const text = unpack(bytes, header.unpacked);
    const plainLeaf = { bytes: text, start: 0, count: header.entries };
    return converted(leaf, decode(ENCODING.plain, leaf, plainLeaf));
  });
}

/** Throws `Damage`. */
export function readPage(leaf: Leaf, page: StoredPage, dictionary: Dictionary | null): ColumnPage {
  return sound(() =>
    page.header.type === V2 ? pageV2(leaf, page, dictionary) : pageV1(leaf, page, dictionary),
  );
}

export function refersToDictionary({ header: { encoding } }: Pick<StoredPage, "header">): boolean {
  return encoding === ENCODING.dictionary || encoding === ENCODING.plainDictionary;
}

/** In the place of a damaged page: no value of its rows is known. */
export function lostPage(rows: number, reason: string): ColumnPage {
  const lost = new Unfit(reason);
  const values = Array.from({ length: rows }, () => lost);
  return { entries: rows, values, def: null, rep: null, unfit: true, next: null };
}

function sound<T>(read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof Damage) throw thrown;
    throw new Damage(`a page cannot be decoded (${reasonOf(thrown)})`, { cause: thrown });
  }
}

const LENGTH_BYTES = 4;

/** Levels and values are packed together; levels stand behind their length. */
function pageV1(
  leaf: Leaf,
  { header, bytes, unpack }: StoredPage,
  dictionary: Dictionary | null,
): ColumnPage {
  if (header.oldLevels) throw new Damage("a page has levels in the encoding BIT_PACKED, which is deprecated");
  const text = unpack(bytes, header.unpacked);
  let start = 0;
  const levels = (most: number): Uint8Array | null => {
    if (most === 0) return null;
    const end = start + LENGTH_BYTES + text.readUInt32LE(start);
    const read = readLevels(text, { start: start + LENGTH_BYTES, end }, most, header.entries);
    start = end;
    return read;
  };
  const rep = levels(leaf.maxRep);
  const def = levels(leaf.maxDef);
  return pageOf(leaf, { rep, def, text, start, header, dictionary });
}

/** Only the values are packed. */
function pageV2(
  leaf: Leaf,
  { header, bytes, unpack }: StoredPage,
  dictionary: Dictionary | null,
): ColumnPage {
  const { repBytes, defBytes, entries, unpacked, packed } = header;
  const levelBytes = repBytes + defBytes;
  if (levelBytes > bytes.length || levelBytes > unpacked)
    throw new Damage("the levels of a page are too long");
  const rep = leaf.maxRep === 0 ? null : readLevels(bytes, { start: 0, end: repBytes }, leaf.maxRep, entries);
  const defs = { start: repBytes, end: levelBytes };
  const def = leaf.maxDef === 0 ? null : readLevels(bytes, defs, leaf.maxDef, entries);
  const rest = bytes.subarray(levelBytes);
  // A page without values may have no bytes at all, which is no packed data.
  const text = packed && unpacked > levelBytes ? unpack(rest, unpacked - levelBytes) : rest;
  return pageOf(leaf, { rep, def, text, start: 0, header, dictionary });
}

function readLevels(
  bytes: Buffer,
  { start, end }: { readonly start: number; readonly end: number },
  most: number,
  entries: number,
): Uint8Array {
  const levels = readRuns(bytes, { start, end, width: widthOf(most) }, new Uint8Array(entries));
  if (levels.some((level) => level > most)) throw new Damage("a level of a page is too high");
  return levels;
}

function widthOf(most: number): number {
  return 32 - Math.clz32(most);
}

interface PageParts extends Pick<ColumnPage, "rep" | "def"> {
  readonly text: Buffer;
  /** Where the values begin in the text. */
  readonly start: number;
  readonly header: PageHeader;
  readonly dictionary: Dictionary | null;
}

function pageOf(leaf: Leaf, { rep, def, text, start, header, dictionary }: PageParts): ColumnPage {
  const { entries, encoding } = header;
  const count = def === null ? entries : occurrences(def, leaf.maxDef);
  const encoded = { bytes: text, start, count };
  const { values, unfit } = refersToDictionary({ header })
    ? lookedUp(encoded, dictionary)
    : converted(leaf, decode(encoding, leaf, encoded));
  if (values.length !== count) throw new Damage(`a page has ${values.length} values instead of ${count}`);
  if (def === null || count === entries) return { entries, values, def: null, rep, unfit, next: null };
  if (!leaf.flat) return { entries, values, def, rep, unfit, next: null };
  return { entries, values: withNulls(values, def), def: null, rep, unfit, next: null };
}

function converted(leaf: Leaf, raw: RawValues | null): Dictionary {
  if (raw === null) throw new Damage("a page has an encoding that is not known here");
  const values = leaf.convert.all(raw);
  return { values, unfit: Array.isArray(values) && values.some((value) => value instanceof Unfit) };
}

function lookedUp(
  { bytes, start, count }: { readonly bytes: Buffer; readonly start: number; readonly count: number },
  dictionary: Dictionary | null,
): Dictionary {
  if (count === 0) return { values: [], unfit: false };
  if (dictionary === null) throw new Damage("a page refers to a dictionary, and the column has none");
  const width = bytes.readUInt8(start);
  const places = readRuns(bytes, { start: start + 1, end: bytes.length, width }, new Int32Array(count));
  const known = dictionary.values;
  const values: unknown[] = [];
  for (const place of places) {
    if (place < 0 || place >= known.length)
      throw new Damage("a page refers to a value that is not in its dictionary");
    values.push(known[place]);
  }
  return { values, unfit: dictionary.unfit };
}

function occurrences(levels: Uint8Array, wanted: number): number {
  let count = 0;
  for (const level of levels) if (level === wanted) count++;
  return count;
}

function withNulls(values: ArrayLike<unknown>, def: Uint8Array): unknown[] {
  const filled: unknown[] = [];
  let next = 0;
  for (const level of def) filled.push(level === 1 ? values[next++] : null);
  return filled;
}
