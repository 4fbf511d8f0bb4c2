/** The footer of a Parquet file: its schema, and where the columns of its row groups are. */
import { reasonOf } from "../../core/errors/errors.ts";
import type { ObjectStore } from "../../ports.ts";
import type { Source } from "../reader.ts";
import { Damage } from "../unpack/damage.ts";
import { ThriftReader } from "./thrift.ts";
import type { Struct, WantedFields } from "./thrift.ts";

const MAGIC = "PAR1";
/** The whole footer of such a file is encrypted. */
const ENCRYPTED_MAGIC = "PARE";
const MAGIC_BYTES = 4;
/** Magic, the length of the footer, and magic again. */
const LEAST_BYTES = 12;
const TAIL_BYTES = 8;
/** Nearly all footers are shorter: then one read brings them. */
const FIRST_READ_BYTES = 256 * 1024;
/** 10,000 columns in a hundred row groups take about as much. */
const MAX_FOOTER_BYTES = 64 * 1024 * 1024;

const LOGICAL_TYPE: WantedFields = {
  1: {},
  2: {},
  3: {},
  4: {},
  5: { 1: true, 2: true },
  6: {},
  7: { 1: true, 2: { 1: {}, 2: {}, 3: {} } },
  8: { 1: true, 2: { 1: {}, 2: {}, 3: {} } },
  10: { 1: true, 2: true },
  11: {},
  12: {},
  13: {},
  14: {},
  15: {},
  16: {},
  17: {},
  18: {},
};
const SCHEMA_ELEMENT: WantedFields = {
  1: true,
  2: true,
  3: true,
  4: true,
  5: true,
  6: true,
  7: true,
  10: LOGICAL_TYPE,
};
/** Without statistics: files with wrong ones are about, so nothing is left out because of them. */
const COLUMN_METADATA: WantedFields = { 1: true, 4: true, 5: true, 6: true, 7: true, 9: true, 11: true };
const COLUMN_CHUNK: WantedFields = { 1: true, 3: COLUMN_METADATA, 8: {} };
const ROW_GROUP: WantedFields = { 1: COLUMN_CHUNK, 3: true };
const FILE_METADATA: WantedFields = { 2: SCHEMA_ELEMENT, 3: true, 4: ROW_GROUP };

/** A column of a row group: where its pages are, and what they are. */
export interface ColumnChunk {
  readonly start: number;
  readonly end: number;
  /** By the numbers of parquet.thrift. */
  readonly type: number;
  readonly codec: number;
  /** Values and nulls. */
  readonly entries: number;
  readonly encrypted: boolean;
  /** The pages are in this other file. */
  readonly elsewhere: string | null;
}

export interface RowGroup {
  readonly rows: number;
  readonly columns: readonly ColumnChunk[];
}

export interface Footer {
  /** Elements of the schema, in depth-first order, as Thrift has them. */
  readonly schema: readonly Struct[];
  readonly groups: readonly RowGroup[];
  /** The offset in the file where it begins. */
  readonly start: number;
}

/** Throws `Damage` (`INPUT_INVALID`) for a source that is not a Parquet file, or not a whole one. */
export async function readFooter(source: Source, store: ObjectStore): Promise<Footer> {
  const text = await footerText(source, store);
  try {
    return footerOf(new ThriftReader(text).struct(FILE_METADATA), source.size - TAIL_BYTES - text.length);
  } catch (thrown) {
    if (thrown instanceof Damage) throw thrown;
    throw new Damage(`its footer is damaged (${reasonOf(thrown)}): get the file once more`, {
      cause: thrown,
    });
  }
}

async function footerText(source: Source, store: ObjectStore): Promise<Buffer> {
  const { size } = source;
  if (size < LEAST_BYTES) throw new Damage(`is not a Parquet file: it has ${size} bytes`);
  const from = Math.max(0, size - FIRST_READ_BYTES);
  const end = await bytesAt({ source, store }, from, size);
  if (end.length < size - from) throw new Damage("is shorter than it was when the batch was submitted");
  const magic = end.toString("latin1", end.length - MAGIC_BYTES);
  if (magic !== MAGIC) throw await notParquet({ source, store }, magic);
  const length = end.readUInt32LE(end.length - TAIL_BYTES);
  const start = size - TAIL_BYTES - length;
  if (start < MAGIC_BYTES) {
    throw new Damage(`its footer should have ${length} bytes, which is more than the file: it was cut short`);
  }
  if (length > MAX_FOOTER_BYTES) {
    throw new Damage(`its footer has ${length} bytes, the limit is ${MAX_FOOTER_BYTES}: write several files`);
  }
  if (start >= from) return end.subarray(start - from, end.length - TAIL_BYTES);
  const rest = await bytesAt({ source, store }, start, from);
  return Buffer.concat([rest, end.subarray(0, end.length - TAIL_BYTES)]);
}

interface StoredFile {
  readonly source: Source;
  readonly store: ObjectStore;
}

/** The bytes from `start` up to `end`. */
export async function bytesAt(
  { source: { name, version }, store }: StoredFile,
  start: number,
  end: number,
): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const block of store.read(name, start, end, version)) parts.push(block);
  return parts.length === 1 && parts[0]
    ? Buffer.from(parts[0].buffer, parts[0].byteOffset, parts[0].length)
    : Buffer.concat(parts);
}

async function notParquet(file: StoredFile, magic: string): Promise<Damage> {
  const begin = (await bytesAt(file, 0, MAGIC_BYTES)).toString("latin1");
  if (magic === ENCRYPTED_MAGIC || begin === ENCRYPTED_MAGIC) {
    return new Damage("is an encrypted Parquet file, and parquet() has no keys: decrypt it first");
  }
  return begin === MAGIC
    ? new Damage("is a Parquet file that was cut short: its end, with the footer, is missing")
    : new Damage("is not a Parquet file: it neither begins nor ends like one");
}

function footerOf(metadata: Struct, start: number): Footer {
  const schema = list(metadata[2]) as readonly Struct[];
  const groups = list(metadata[4]).map((group) => rowGroupOf(group as Struct, start));
  const rows = count(metadata[3], "rows");
  const inGroups = groups.reduce((sum, group) => sum + group.rows, 0);
  if (rows === inGroups) return { schema, groups, start };
  throw new Damage(`its footer is damaged: it has ${rows} rows, and ${inGroups} in its row groups`);
}

function rowGroupOf(group: Struct, dataEnd: number): RowGroup {
  const columns = list(group[1]).map((column) => columnOf(column as Struct, dataEnd));
  return { rows: count(group[3], "rows"), columns };
}

function columnOf(column: Struct, dataEnd: number): ColumnChunk {
  const encrypted = column[8] !== undefined;
  const path = column[1] instanceof Buffer ? column[1].toString("utf8") : null;
  const metadata = column[3] as Struct | undefined;
  // Without the key, the rest is encrypted too.
  if (metadata === undefined) {
    if (!encrypted) throw new Damage("its footer is damaged: a column says nothing of its pages");
    return { start: 0, end: 0, type: -1, codec: -1, entries: 0, encrypted, elsewhere: path };
  }
  const pages = count(metadata[9], "offset");
  const dictionary = metadata[11] === undefined ? 0 : count(metadata[11], "offset");
  const start = dictionary > 0 ? Math.min(pages, dictionary) : pages;
  const end = start + count(metadata[7], "size");
  const entries = count(metadata[5], "values");
  // A column without values may be nowhere.
  if (path === null && entries > 0 && (start < MAGIC_BYTES || end > dataEnd)) {
    throw new Damage("its footer is damaged: a column lies outside of the file");
  }
  const type = count(metadata[1], "type");
  const codec = count(metadata[4], "compression");
  return { start, end, type, codec, entries, encrypted, elsewhere: path };
}

function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Damage("its footer is damaged: a list is missing");
}

function count(value: unknown, what: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Damage(`its footer is damaged: a number (${what}) is missing or wrong`);
}
