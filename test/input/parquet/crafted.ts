/** Makes Parquet files by hand: such as no writer makes. They have one row group. */

type Field = readonly [number, number, Buffer];

const I32 = 5;
const I64 = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return Buffer.from([...bytes, rest]);
}

const zigzag = (value: number): Buffer => varint(value < 0 ? -2 * value - 1 : 2 * value);

export function struct(...fields: readonly Field[]): Buffer {
  let last = 0;
  const parts = fields.map(([id, type, bytes]) => {
    const head = Buffer.from([((id - last) << 4) | type]);
    last = id;
    return Buffer.concat([head, bytes]);
  });
  return Buffer.concat([...parts, Buffer.from([0])]);
}

export const i32 = (id: number, value: number): Field => [id, I32, zigzag(value)];
const i64 = (id: number, value: number): Field => [id, I64, zigzag(value)];
const nested = (id: number, bytes: Buffer): Field => [id, STRUCT, bytes];
const text = (id: number, value: string): Field => [
  id,
  BINARY,
  Buffer.concat([varint(Buffer.byteLength(value)), Buffer.from(value)]),
];

const textList = (id: number, value: string): Field => {
  const [, , item] = text(0, value);
  return [id, LIST, Buffer.concat([Buffer.from([0x10 | BINARY]), item])];
};

function structs(id: number, items: readonly Buffer[]): Field {
  return [id, LIST, Buffer.concat([Buffer.from([0xf0 | STRUCT]), varint(items.length), ...items])];
}

/** A data page of version 1. `crc`, `unpacked` and `entries` as its header says them. */
export interface CraftedPage {
  readonly bytes: Buffer;
  readonly entries: number;
  readonly encoding?: number;
  readonly unpacked?: number;
  readonly crc?: number;
  /** 0: a data page, 2: a dictionary. */
  readonly type?: 0 | 2;
}

export interface CraftedColumn {
  readonly name: string;
  /** By the numbers of parquet.thrift. */
  readonly type: number;
  readonly optional?: boolean;
  readonly converted?: number;
  readonly codec?: number;
  readonly pages: readonly CraftedPage[];
  readonly encrypted?: boolean;
  /** The file with the pages, if that is another one. */
  readonly path?: string;
}

function pageBytes({
  bytes,
  entries,
  encoding = 0,
  unpacked = bytes.length,
  crc,
  type = 0,
}: CraftedPage): Buffer {
  const own = struct(i32(1, entries), i32(2, encoding), ...(type === 0 ? [i32(3, 3), i32(4, 3)] : []));
  const header = struct(
    i32(1, type),
    i32(2, unpacked),
    i32(3, bytes.length),
    ...(crc === undefined ? [] : [i32(4, crc | 0)]),
    nested(type === 0 ? 5 : 7, own),
  );
  return Buffer.concat([header, bytes]);
}

/** A row group of `rows` rows. */
export interface CraftedGroup {
  readonly rows: number;
  readonly columns: readonly CraftedColumn[];
}

/** A file of one row group. */
export function crafted(rows: number, columns: readonly CraftedColumn[]): Buffer {
  return craftedGroups([{ rows, columns }]);
}

/** A file of row groups, which have the columns of the first one. */
export function craftedGroups(groups: readonly CraftedGroup[]): Buffer {
  const parts: Buffer[] = [Buffer.from("PAR1")];
  let at = 4;
  const chunkOf = ({ name, type, codec = 0, pages, encrypted, path }: CraftedColumn): Buffer => {
    const bytes = Buffer.concat(pages.map(pageBytes));
    const entries = pages.reduce((sum, page) => sum + (page.type === 2 ? 0 : page.entries), 0);
    const sizes = [i64(5, entries), i64(6, bytes.length), i64(7, bytes.length), i64(9, at)];
    parts.push(bytes);
    at += bytes.length;
    const file = path === undefined ? [] : [text(1, path)];
    const metadata = struct(i32(1, type), textList(3, name), i32(4, codec), ...sizes);
    return struct(...file, nested(3, metadata), ...(encrypted ? [nested(8, struct())] : []));
  };
  const rowGroups = groups.map(({ rows, columns }) =>
    struct(structs(1, columns.map(chunkOf)), i64(2, at), i64(3, rows)),
  );
  const columns = groups[0]?.columns ?? [];
  const elements = columns.map(({ name, type, optional = false, converted }) =>
    struct(
      i32(1, type),
      i32(3, optional ? 1 : 0),
      text(4, name),
      ...(converted === undefined ? [] : [i32(6, converted)]),
    ),
  );
  const root = struct(text(4, "schema"), i32(5, columns.length));
  const total = groups.reduce((sum, { rows }) => sum + rows, 0);
  const footer = struct(i32(1, 1), structs(2, [root, ...elements]), i64(3, total), structs(4, rowGroups));
  return withFooter(Buffer.concat(parts), footer);
}

/** `data` with a footer behind it. */
export function withFooter(data: Buffer, footer: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([data, footer, length, Buffer.from("PAR1")]);
}

/** Values of plain encoding. */
export function plainInts(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeInt32LE(value, index * 4));
  return bytes;
}

export function plainTexts(...values: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(
    values.flatMap((value) => {
      const bytes = Buffer.from(value);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
}
