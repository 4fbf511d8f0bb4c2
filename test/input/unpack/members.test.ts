/** The forms that gzip members and zstd frames may have. */
import { crc32, deflateRawSync, gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { csv } from "../../../src/input/csv.ts";
import { lines } from "../../../src/input/lines.ts";
import { itemsOf, planOf, readAllOf, shelf } from "../spooling.ts";

const SKIPPABLE_MAGICS = Array.from({ length: 16 }, (_, n) => 0x18_4d_2a_50 + n);

function skippable(magic: number, content: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(magic);
  header.writeUInt32LE(content.length, 4);
  return Buffer.concat([header, content]);
}

async function valuesIn(bytes: Uint8Array, options = {}, blockBytes = 4096): Promise<unknown[]> {
  const shelved = shelf({ a: bytes, b: "next\n" }, blockBytes);
  const items = await itemsOf(lines(options), shelved, await planOf(lines(options), shelved));
  expect(items.map(({ unreadable }) => unreadable)).toEqual(items.map(() => null));
  return items.slice(0, -1).map(({ value }) => value);
}

test("zstd is read that begins with skippable frames, with any of the sixteen magics", async () => {
  const frame = zstdCompressSync("one\ntwo\n");
  for (const magic of SKIPPABLE_MAGICS) {
    expect(await valuesIn(Buffer.concat([skippable(magic, Buffer.from("metadata")), frame]))).toEqual([
      "one",
      "two",
    ]);
  }
  const several = SKIPPABLE_MAGICS.map((magic, length) => skippable(magic, Buffer.alloc(length, 0x28)));
  expect(await valuesIn(Buffer.concat([...several, frame]))).toEqual(["one", "two"]);
});

test("skippable frames between, before and after frames are passed by, large ones too", async () => {
  const [magic = 0] = SKIPPABLE_MAGICS;
  const large = skippable(magic, Buffer.alloc(100_000, 0x51));
  const small = skippable(magic + 9, Buffer.alloc(4));
  const parts = ["one\ntw", "o\n", "three"].map((text) => zstdCompressSync(text));
  const packed = Buffer.concat([small, large, ...parts.flatMap((part) => [part, large, small, small])]);
  expect(await valuesIn(packed, {}, 7)).toEqual(["one", "two", "three"]);
});

test("a file of skippable frames only is an empty text; one that ends within a frame is damaged", async () => {
  const frame = skippable(0x18_4d_2a_5f, Buffer.alloc(40));
  const items = await readAllOf(lines(), { a: frame, b: frame.subarray(0, 20), c: frame.subarray(0, 6) });
  expect(items.map(({ label, unreadable }) => [label, unreadable?.message])).toEqual([
    ["b", expect.stringContaining("its zstd data end too soon")],
    ["c", expect.stringContaining("its zstd data end too soon")],
  ]);
});

test("a text that begins like a skippable frame but for a control character is a text", async () => {
  for (const text of ["P*M,x", "[*M]"]) expect(await valuesIn(Buffer.from(text))).toEqual([text]);
});

/** A frame of one block without compression. `exponent` and `eighths` are those of its window. */
function frameWithWindow(exponent: number, eighths: number, text: string): Buffer {
  return Buffer.concat([
    Buffer.from("28b52ffd00", "hex"),
    Buffer.from([((exponent - 10) << 3) | eighths]),
    Buffer.from([(text.length << 3) | 1, 0, 0]),
    Buffer.from(text),
  ]);
}

test("a frame whose window is too large is refused by name, and is read if maxWindowBytes allows it", async () => {
  const frame = frameWithWindow(27, 1, "one\n");
  const needed = 2 ** 27 + 2 ** 24;
  await expect(planOf(lines(), shelf({ a: frame }))).rejects.toMatchObject({
    code: "INPUT_INVALID",
    message:
      "a: the zstd frame at byte 0 of the packed file needs a window of 150,994,944 bytes, more than the 134,217,728 that are allowed. Raise maxWindowBytes of the reader, or pack the file without --long.",
  });
  expect(await valuesIn(frame, { maxWindowBytes: needed })).toEqual(["one"]);
  await expect(planOf(lines({ maxWindowBytes: needed - 1 }), shelf({ a: frame }))).rejects.toThrow(
    /needs a window of 150,994,944 bytes/,
  );
  expect(await valuesIn(frameWithWindow(27, 0, "two\n"))).toEqual(["two"]);
});

test("the frames before one with a large window are read", async () => {
  const packed = Buffer.concat([zstdCompressSync("one\n"), frameWithWindow(31, 0, "two\n")]);
  const items = await readAllOf(lines(), { a: packed });
  expect(items.map(({ value, unreadable }) => [value, unreadable?.message])).toEqual([
    ["one", undefined],
    [
      undefined,
      expect.stringMatching(/^the zstd frame at byte \d+ .* needs a window of 2,147,483,648 bytes/),
    ],
  ]);
  expect(await valuesIn(packed, { maxWindowBytes: 2 ** 31 })).toEqual(["one", "two"]);
});

test("maxWindowBytes has limits", () => {
  expect(() => csv({ maxWindowBytes: 2 ** 31 + 1 })).toThrow(
    "maxWindowBytes has to be 2147483648 at most, but is 2147483649.",
  );
  expect(() => csv({ maxWindowBytes: 0.5 })).toThrow("maxWindowBytes has to be a whole number of at least 1");
});

/** A gzip member with all the fields that its header may have. */
function fullMember(text: string): Buffer {
  const flags = 1 | 2 | 4 | 8 | 16;
  const fields = Buffer.from("\x05\0extraname.csv\0a comment\0", "latin1");
  const head = Buffer.concat([Buffer.from([0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 3]), fields]);
  const sums = Buffer.alloc(8);
  sums.writeUInt32LE(crc32(text));
  sums.writeUInt32LE(text.length, 4);
  const headSum = Buffer.alloc(2);
  headSum.writeUInt16LE(crc32(head) & 0xffff);
  return Buffer.concat([head, headSum, deflateRawSync(text), sums]);
}

test("gzip members may have extra fields, a name, a comment and a checksum of the header", async () => {
  const packed = Buffer.concat([fullMember("one\n"), gzipSync("two\n"), fullMember("three\n")]);
  expect(await valuesIn(packed)).toEqual(["one", "two", "three"]);
  // The exact way, which finds the beginning of the damaged member.
  const items = await readAllOf(lines(), { a: Buffer.concat([packed, packed.subarray(0, -1)]) });
  expect(items.map(({ value }) => value)).toEqual(["one", "two", "three", "one", "two", undefined]);
});

test("a damaged header of a later member is found, wherever it is damaged", async () => {
  const member = fullMember("two\n");
  const dataAt = member.length - 8 - deflateRawSync("two\n").length;
  for (let at = 0; at < dataAt; at++) {
    const damaged = Buffer.from(member);
    damaged[at]! ^= 0x81;
    const items = await readAllOf(lines(), { a: Buffer.concat([gzipSync("one\n"), damaged]) });
    expect([at, items.map(({ value }) => value)]).toEqual([at, ["one", undefined]]);
  }
});
