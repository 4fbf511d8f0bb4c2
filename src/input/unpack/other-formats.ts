/**
 * Recognizes files that are no text, so that readers of text refuse them by name. Read as lines, they would
 * give items without sense. The bytes decide, never the name, and only bytes that no text has.
 */
import { FanjoinError } from "../../core/errors/errors.ts";
import type { Encoding } from "../text/text-options.ts";
import { packingOf } from "./packing.ts";
import type { Packing } from "./packing.ts";

/** How many of the first bytes decide: the header of a tar archive. */
export const HEAD_BYTES = 512;

/** The first bytes of a source, and the same as text with a character for each byte. */
interface Head {
  readonly bytes: Buffer;
  readonly text: string;
}

interface Format {
  readonly name: string;
  readonly advice: string;
  matches(head: Head): boolean;
}

const EXTRACT = "Extract it first, and give the files in it.";
const UNPACK = "Unpack it first, or pack it with gzip or zstd instead.";
const SAVE_SHEET = "Save its sheet as CSV first.";
const CONVERT = "Convert it to CSV or JSON lines first.";
const READ_PARQUET = "Read it with parquet() in place of this reader.";
const WHOLE = "Take its text out first, or read it whole with files().";

/** A format that is known by its first bytes. */
function magic(name: string, advice: string, ...beginnings: readonly string[]): Format {
  return { name, advice, matches: ({ text }) => beginnings.some((beginning) => text.startsWith(beginning)) };
}

const ZIP_FILE = "PK\x03\x04";
const ZIP_NAME_AT = 30;
const OFFICE_NAMES = ["[Content_Types].xml", "_rels/", "docProps/", "xl/", "word/"];
const isZip = (text: string, names: readonly string[]): boolean =>
  text.startsWith(ZIP_FILE) && names.some((name) => text.startsWith(name, ZIP_NAME_AT));

/** The first that matches counts. */
const FORMATS: readonly Format[] = [
  {
    name: "an Excel workbook, or another Office document",
    advice: SAVE_SHEET,
    matches: ({ text }) => isZip(text, OFFICE_NAMES),
  },
  {
    name: "an OpenDocument file",
    advice: SAVE_SHEET,
    matches: ({ text }) => isZip(text, ["mimetype"]) && text.includes("application/vnd.oasis.opendocument"),
  },
  magic(
    "an old Excel workbook, or another old Office document",
    SAVE_SHEET,
    "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
  ),
  magic("a ZIP archive", EXTRACT, ZIP_FILE, "PK\x05\x06", "PK\x07\x08"),
  magic("a 7z archive", EXTRACT, "7z\xbc\xaf\x27\x1c"),
  magic("a RAR archive", EXTRACT, "Rar!\x1a\x07"),
  { name: "a tar archive", advice: EXTRACT, matches: ({ bytes }) => isTar(bytes) },
  { name: "bzip2 data", advice: UNPACK, matches: isBzip2 },
  { name: "compress data (.Z)", advice: UNPACK, matches: ({ bytes }) => isCompress(bytes) },
  magic("xz data", UNPACK, "\xfd7zXZ\x00"),
  magic("lzip data", UNPACK, "LZIP\x01"),
  magic("LZ4 data", UNPACK, "\x04\x22\x4d\x18"),
  magic("Snappy data", UNPACK, "\xff\x06\x00\x00sNaPpY"),
  // After the first four bytes comes a Thrift structure, whose first field is an integer.
  magic("a Parquet file", READ_PARQUET, "PAR1\x15"),
  magic("an Arrow file", CONVERT, "ARROW1\x00\x00"),
  {
    name: "an Avro file",
    advice: CONVERT,
    matches: ({ text }) => text.startsWith("Obj\x01") && text.includes("avro."),
  },
  magic("an HDF5 file", CONVERT, "\x89HDF\r\n\x1a\n"),
  magic("a SQLite database", CONVERT, "SQLite format 3\x00"),
  { name: "a PDF document", advice: WHOLE, matches: ({ text }) => isPdf(text) },
];

const UTF_32: Format = magic(
  "UTF-32 text",
  "Convert it to UTF-8 first, for example with `iconv -f UTF-32 -t UTF-8`.",
  "\xff\xfe\x00\x00",
  "\x00\x00\xfe\xff",
);

const PACKED_TWICE = "Unpack it once first: only one layer is unpacked here.";

/** The text of a source, or the text that the source unpacks to. */
export interface Opened {
  readonly label: string;
  readonly packing: Packing | null;
  readonly encoding: Encoding | null;
}

/** `head`: the first bytes. Throws `INPUT_INVALID` if they are those of a format that is no text. */
export function refuseOtherFormats(bytes: Buffer, { label, packing, encoding }: Opened): void {
  const head = { bytes, text: bytes.toString("latin1", 0, HEAD_BYTES) };
  const format =
    innerPacking(bytes, packing) ?? FORMATS.find((one) => one.matches(head)) ?? utf32(head, encoding);
  if (format === null) return;
  const verb = packing === null ? "is" : `is packed with ${packing} and holds`;
  throw new FanjoinError(
    "INPUT_INVALID",
    `${label} ${verb} ${format.name}, which readers of text do not read. ${format.advice}`,
  );
}

function innerPacking(bytes: Buffer, packing: Packing | null): Pick<Format, "name" | "advice"> | null {
  const inner = packing === null ? null : packingOf(bytes);
  return inner === null ? null : { name: `${inner} data`, advice: PACKED_TWICE };
}

/** In encodings of single bytes, a byte order mark is text. */
function utf32(head: Head, encoding: Encoding | null): Format | null {
  const isSingle = encoding === "latin1" || encoding === "windows-1252";
  return !isSingle && UTF_32.matches(head) ? UTF_32 : null;
}

const TAR_CHECKSUM = { at: 148, bytes: 8 } as const;
const SPACE = 0x20;

/** The sum of all bytes of the header is in the header, where spaces count in its place. */
function isTar(head: Buffer): boolean {
  if (head.length < HEAD_BYTES) return false;
  const { at, bytes } = TAR_CHECKSUM;
  const [, octal] = /^ *([0-7]{1,7})[ \0]/.exec(head.toString("latin1", at, at + bytes)) ?? [];
  if (octal === undefined) return false;
  const header = head.subarray(0, HEAD_BYTES);
  const own = sumOf(header.subarray(at, at + bytes));
  // Names end with a zero, which text does not have.
  return header.includes(0) && sumOf(header) - own + bytes * SPACE === parseInt(octal, 8);
}

function sumOf(bytes: Buffer): number {
  return bytes.reduce((sum, byte) => sum + byte, 0);
}

const BZIP2_BLOCK_AT = 4;
/** A block, or the end of empty data. */
const BZIP2_BLOCKS = ["1AY&SY", "\x17rE8P\x90"];

/** Its beginning consists of letters, so what follows has to be binary. */
function isBzip2({ bytes, text }: Head): boolean {
  const isBegun =
    /^BZh[1-9]/.test(text) && BZIP2_BLOCKS.some((block) => text.startsWith(block, BZIP2_BLOCK_AT));
  return isBegun && !isText(bytes);
}

function isText(bytes: Buffer): boolean {
  return bytes.every((byte) => byte >= SPACE || (byte >= 0x09 && byte <= 0x0d));
}

/** Bits of the third byte: the width of the codes, a flag, and two that are zero. */
function isCompress(head: Buffer): boolean {
  const [first, second, flags = 0] = head;
  const width = flags & 0x1f;
  return first === 0x1f && second === 0x9d && (flags & 0x60) === 0 && width >= 9 && width <= 16;
}

/** A text may begin with the first line of a PDF document, but not go on with its first object. */
function isPdf(text: string): boolean {
  return /^%PDF-\d\.\d\s+(?:%[^\r\n]*\s+)*\d+ \d+ obj\b/.test(text);
}
