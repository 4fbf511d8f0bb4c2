import { gzipSync, zstdCompressSync } from "node:zlib";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { csv } from "../../../src/input/csv.ts";
import { json } from "../../../src/input/json.ts";
import { jsonl } from "../../../src/input/jsonl.ts";
import { lines } from "../../../src/input/lines.ts";
import type { Reader } from "../../../src/input/reader.ts";
import { HEAD_BYTES, refuseOtherFormats } from "../../../src/input/unpack/other-formats.ts";
import { planOf, readAllOf, shelf } from "../spooling.ts";
import { bzip, office, PDF, tar } from "./other-files.ts";

const bytes = (...hex: readonly string[]): Buffer => Buffer.from(hex.join(""), "hex");
const text = (latin1: string): Buffer => Buffer.from(latin1, "latin1");
/** What follows a beginning does not count. */
const REST = Buffer.from(Array.from({ length: 600 }, (_, at) => (at * 37) % 256));
const begun = (beginning: Buffer): Buffer => Buffer.concat([beginning, REST]);

const FORMATS: readonly (readonly [name: string, content: Buffer, named: RegExp])[] = [
  ["a.zip", begun(text("PK\x03\x04\x14\0")), /is a ZIP archive.* Extract it first/],
  ["empty.zip", text(`PK\x05\x06${"\0".repeat(18)}`), /is a ZIP archive/],
  ["a.xlsx", office("[Content_Types].xml", "<xml>"), /is an Excel workbook.* Save its sheet as CSV/],
  ["b.xlsx", office("xl/workbook.xml", "<xml>"), /is an Excel workbook/],
  ["a.ods", office("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), /is an OpenDocument file/],
  ["a.xls", begun(bytes("d0cf11e0a1b11ae1")), /is an old Excel workbook/],
  ["a.7z", begun(bytes("377abcaf271c0004")), /is a 7z archive/],
  ["a.rar", begun(text("Rar!\x1a\x07\x01\0")), /is a RAR archive/],
  ["ustar.tar", tar("ustar\0"), /is a tar archive/],
  ["gnu.tar", tar("ustar  \0"), /is a tar archive/],
  ["v7.tar", tar(""), /is a tar archive/],
  ["a.bz2", bzip, /is bzip2 data.* Unpack it first/],
  ["empty.bz2", text("BZh9\x17rE8P\x90\0\0\0\0"), /is bzip2 data/],
  ["a.xz", begun(bytes("fd377a585a000004")), /is xz data/],
  ["a.Z", begun(bytes("1f9d90")), /is compress data \(\.Z\)/],
  ["a.lz", begun(text("LZIP\x01\x0c")), /is lzip data/],
  ["a.lz4", begun(bytes("04224d186440")), /is LZ4 data/],
  ["a.sz", begun(text("\xff\x06\0\0sNaPpY")), /is Snappy data/],
  ["a.parquet", begun(text("PAR1\x15\x04\x15")), /is a Parquet file.* Read it with parquet\(\)/],
  ["a.arrow", begun(text("ARROW1\0\0")), /is an Arrow file/],
  ["a.avro", begun(text("Obj\x01\x04\x14avro.codec\x08null")), /is an Avro file/],
  ["a.h5", begun(text("\x89HDF\r\n\x1a\n")), /is an HDF5 file/],
  ["a.db", begun(text("SQLite format 3\0\x10\0")), /is a SQLite database/],
  ["a.pdf", PDF, /is a PDF document.* files\(\)/],
  ["le.csv", bytes("fffe0000", "61000000"), /is UTF-32 text.*iconv -f UTF-32/],
  ["be.csv", bytes("0000feff", "00000061"), /is UTF-32 text/],
];

const READERS: readonly (readonly [string, Reader])[] = [
  ["csv", csv()],
  ["jsonl", jsonl()],
  ["lines", lines()],
  ["json", json()],
];

test.for(READERS)(
  "%s: files that are no text are refused by name, and cost one item beside others",
  async ([, reader]) => {
    for (const [name, content, named] of FORMATS) {
      await expect(planOf(reader, shelf({ [name]: content }))).rejects.toMatchObject({
        code: "INPUT_INVALID",
        message: expect.stringMatching(named),
      });
      const items = await readAllOf(reader, { first: content, [name]: content });
      expect(items.map(({ label, unreadable }) => [label, unreadable?.code, unreadable?.message])).toEqual(
        ["first", name].map((label) => [label, "INPUT_INVALID", expect.stringMatching(named)]),
      );
    }
  },
);

test("the name does not matter: a ZIP archive that ends in .gz is a ZIP archive", async () => {
  const [, zip] = FORMATS[0]!;
  await expect(planOf(lines(), shelf({ "a.gz": zip }))).rejects.toThrow(/^a\.gz is a ZIP archive/);
});

test("files that are no text are refused when they are packed, too", async () => {
  for (const [, content, named] of FORMATS) {
    const said = new RegExp(named.source.replace(/^is /, "^a is packed with (gzip|zstd) and holds "));
    for (const packed of [gzipSync(content), zstdCompressSync(content)]) {
      await expect(planOf(csv(), shelf({ a: packed }))).rejects.toThrow(said);
    }
  }
});

test("data that are packed twice are refused", async () => {
  const pack = { gzip: gzipSync, zstd: zstdCompressSync };
  for (const [outer, wrap] of Object.entries(pack)) {
    for (const [inner, packed] of Object.entries(pack)) {
      const content = wrap(packed("a,b\n1,2\n"));
      await expect(planOf(csv(), shelf({ "a.gz": content }))).rejects.toMatchObject({
        code: "INPUT_INVALID",
        message: `a.gz is packed with ${outer} and holds ${inner} data, which readers of text do not read. Unpack it once first: only one layer is unpacked here.`,
      });
    }
  }
});

test("a byte order mark of UTF-32 is text in encodings that have none", async () => {
  for (const encoding of ["latin1", "windows-1252"] as const) {
    const items = await readAllOf(lines({ encoding }), { a: bytes("fffe0000") });
    expect(items.map(({ value }) => value)).toEqual(["ÿþ\0\0"]);
  }
  await expect(planOf(lines({ encoding: "utf-16le" }), shelf({ a: bytes("fffe0000") }))).rejects.toThrow(
    /UTF-32/,
  );
});

/** Texts that begin as other formats do. */
const LOOKALIKES = [
  "PK,name\n1,2\n",
  "PK\n\n",
  "BZh9,x\n",
  "BZh91AY&SY begins bzip2 data, and this is a text about it\n",
  "%PDF-1.7\nis how a PDF document begins\n",
  "%PDF-1.4 % 1 of 2\n",
  "PAR1,PAR2\n1,2\n",
  "PAR1\nPAR1",
  "7z,zip\n",
  "Rar!\n",
  "LZIP\n",
  "ARROW1,ARROW2\n",
  "Obj\x01avro\x01x\n",
  "SQLite format 3\nis the header of a database\n",
  `${"x".repeat(257)}ustar  \n${"x".repeat(600)}`,
  `${"x".repeat(148)}0012345 ${"x".repeat(600)}`,
  "\u00fd7zXZ,\n",
  "\n\n\n",
  "\0\0\0\0\n",
  "",
];

test("a text that looks like another format is read", async () => {
  for (const like of LOOKALIKES) {
    const items = await readAllOf(lines(), { like });
    expect(items.map(({ value }) => value).join("\n")).toBe(like.replace(/\n$/, ""));
  }
});

test("no text in any encoding is refused", () => {
  const beginning = fc.constantFrom(
    ...LOOKALIKES,
    ...FORMATS.map(([, content]) => content.toString("latin1")),
  );
  const noText = /[^\t\n\r\u0020-\u007e\u00a0-\uffff]/g;
  const anyText = fc
    .tuple(
      fc.nat({ max: 20 }),
      beginning,
      fc.oneof(fc.string({ maxLength: 600 }), fc.string({ unit: "binary", maxLength: 600 })),
    )
    .map(([length, like, more]) => (like.slice(0, length) + more).replaceAll(noText, ""));
  fc.assert(
    fc.property(anyText, fc.constantFrom("utf8", "latin1", "utf16le"), (content, encoding) => {
      // Other characters would be cut to a byte, which may be a control character.
      fc.pre(encoding !== "latin1" || !/[^\0-\u00ff]/.test(content));
      const head = Buffer.from(encoding === "utf16le" ? `\uFEFF${content}` : content, encoding);
      const source = { label: "a", packing: null, encoding: null };
      expect(() => refuseOtherFormats(head.subarray(0, HEAD_BYTES), source)).not.toThrow();
    }),
    { numRuns: 2_000 },
  );
});
