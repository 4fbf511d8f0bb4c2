import { expect, test } from "vitest";
import { csv } from "../../../src/input/csv.ts";
import { lines } from "../../../src/input/lines.ts";
import type { Encoding } from "../../../src/input/text/text-options.ts";
import { readAllOf } from "../spooling.ts";

test("latin1 and windows-1252 are decoded", async () => {
  const bytes = Buffer.from([0x67, 0xfc, 0x80, 0x0a, 0xff, 0xfe]);
  const valuesIn = async (encoding: Encoding): Promise<unknown[]> =>
    (await readAllOf(lines({ encoding }), { f: bytes })).map(({ value }) => value);
  expect(await valuesIn("latin1")).toEqual(["gü\u0080", "ÿþ"]);
  expect(await valuesIn("windows-1252")).toEqual(["gü€", "ÿþ"]);
  // Without the option they are not valid text, and each costs an item.
  expect(await valuesIn("utf-8")).toEqual([undefined, undefined]);
});

test("UTF-16 without a byte order mark is read if the reader names it", async () => {
  const text = "name\ngrün 😀\n";
  const little = Buffer.from(text, "utf16le");
  const big = Buffer.from(little).swap16();
  const sources = { f: little };
  expect((await readAllOf(csv({ encoding: "utf-16le" }), sources))[0]?.value).toEqual({ name: "grün 😀" });
  expect((await readAllOf(csv({ encoding: "utf-16be" }), { f: big }))[0]?.value).toEqual({ name: "grün 😀" });
});

test("a byte order mark overrides the reader's UTF encoding", async () => {
  const bytes = Buffer.from("\uFEFFü\n", "utf16le");
  for (const encoding of ["utf-8", "utf-16le", "utf-16be"] as const)
    expect((await readAllOf(lines({ encoding }), { f: bytes })).map(({ value }) => value)).toEqual(["ü"]);
});

test("a lone surrogate and half a code unit cost their items, and are never replaced", async () => {
  const units = Buffer.from("\uFEFFa\nb\uD800c\nd\uDC00\uD83D\n\uD83D\uDE00\nend", "utf16le");
  for (const bytes of [units, Buffer.from(units).swap16()]) {
    const items = await readAllOf(lines(), { f: Buffer.concat([bytes, Buffer.from([0x41])]) });
    expect(items.map(({ value }) => value)).toEqual(["a", undefined, undefined, "😀", undefined]);
    expect(items[1]?.unreadable).toMatchObject({ code: "ITEM_UNREADABLE" });
    for (const item of [1, 2, 4])
      expect(items[item]?.unreadable?.message).toContain("it holds half of a UTF-16 character");
  }
});

test("a source of a single byte is text", async () => {
  const items = await readAllOf(lines({ encoding: "latin1" }), { f: Buffer.from([0xe9]) });
  expect(items.map(({ value }) => value)).toEqual(["é"]);
});

test("an unknown encoding is refused, and the message lists the known ones", () => {
  expect(() => lines({ encoding: "latin-1" as "latin1" })).toThrow(
    'encoding has to be one of utf-8, utf-16le, utf-16be, latin1, windows-1252, but is "latin-1".',
  );
  expect(() => csv({ maxUnpackedBytes: 0 })).toThrow(
    "maxUnpackedBytes has to be a whole number of at least 1",
  );
});
