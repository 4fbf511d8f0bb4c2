/** Members around the size up to which they are verified before their items count. */
import { gzipSync, zstdCompressSync } from "node:zlib";
import { constants } from "node:zlib";
import { expect, test } from "vitest";
import { json } from "../../../src/input/json.ts";
import { lines } from "../../../src/input/lines.ts";
import type { Reader } from "../../../src/input/reader.ts";
import { HELD_BYTES, unpacked } from "../../../src/input/unpack/unpack.ts";
import { parseEntry, writeEntry } from "../../../src/core/records/plan.ts";
import { itemsOf, planOf, shelf } from "../spooling.ts";

const LINE = 1024 * 1024;
const LINES = 64;
const FAST = { level: 1 };

/** So many lines of a megabyte, packed. The last byte of the checksum is wrong. */
const PACKINGS: readonly (readonly [
  name: string,
  pack: (text: string) => Buffer,
  checksumFromEnd: number,
])[] = [
  ["gzip member", (text) => gzipSync(text, FAST), 8],
  ["zstd frame", (text) => zstdCompressSync(text, { params: { [constants.ZSTD_c_checksumFlag]: 1 } }), 1],
];

const linesOf = (count: number): string => `${"x".repeat(LINE - 1)}\n`.repeat(count);

function damaged(packed: Buffer, fromEnd: number): Buffer {
  packed[packed.length - fromEnd]! ^= 1;
  return packed;
}

async function outcome(reader: Reader, packed: Buffer) {
  const shelved = shelf({ a: packed, b: "[]" }, 65_536);
  const plan = await planOf(reader, shelved);
  const items = (await itemsOf(reader, shelved, plan)).filter(({ label }) => label === "a");
  const messages = items.flatMap(({ unreadable }) => (unreadable === null ? [] : [unreadable.message]));
  return {
    read: items.length - messages.length,
    messages,
    inDoubt: plan.map(({ spool }) => spool?.inDoubt).filter((doubt) => doubt !== undefined),
    plan,
  };
}

test.each(PACKINGS)("a damaged %s of 64 MiB counts for nothing", async (name, pack, fromEnd) => {
  const first = pack("first\n");
  const packed = Buffer.concat([first, damaged(pack(linesOf(LINES)), fromEnd)]);
  const { read, messages, inDoubt } = await outcome(lines(), packed);
  expect(read).toBe(1);
  expect(messages).toEqual([
    expect.stringContaining(
      `This ${name}, from byte ${first.length} on, is left out, because its items would be in doubt.`,
    ),
  ]);
  expect(inDoubt).toEqual([]);
});

test.each(PACKINGS)(
  "the items of a larger %s are in doubt, and its failed item says so",
  async (name, pack, fromEnd) => {
    const first = pack("first\n");
    const packed = Buffer.concat([first, damaged(pack(linesOf(LINES + 1)), fromEnd)]);
    const { read, messages, inDoubt, plan } = await outcome(lines(), packed);
    expect(read).toBe(1 + LINES + 1);
    expect(messages).toEqual([
      expect.stringContaining(`All items since this ${name} began, at byte ${first.length}, are in doubt.`),
    ]);
    expect(inDoubt).toEqual([true]);
    // The plan keeps it.
    const last = plan.find(({ spool }) => spool?.inDoubt)!;
    expect(parseEntry(last.entry, writeEntry("01B", last).set)).toEqual(last);
  },
);

test("members that are verified count, whatever follows a larger one", async () => {
  const [, pack, fromEnd] = PACKINGS[0]!;
  const large = pack(linesOf(LINES + 1));
  const { read, messages, inDoubt } = await outcome(
    lines(),
    Buffer.concat([large, damaged(pack("small\n"), fromEnd)]),
  );
  expect(read).toBe(LINES + 1);
  expect(messages).toEqual([expect.stringContaining(`from byte ${large.length} on, is left out`)]);
  expect(inDoubt).toEqual([]);
});

test("the elements of a large packed document are in doubt, too", async () => {
  const packed = gzipSync(`[${`"${"x".repeat(LINE - 3)}",`.repeat(LINES + 1)}0]`, FAST);
  const { read, inDoubt } = await outcome(json(), damaged(packed, 8));
  expect(read).toBe(LINES + 2);
  expect(inDoubt).toEqual([true]);
});

test("no more is held than 64 MiB and a block", async () => {
  const packed = gzipSync(linesOf(3 * LINES), FAST);
  let delivered = 0;
  let asked = 0;
  const open = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < packed.length; at += 1024) {
      asked = at;
      yield packed.subarray(at, at + 1024);
    }
  };
  const perByte = (3 * LINES * LINE) / packed.length;
  let most = 0;
  const limits = { packing: "gzip", maxWindow: 1, limit: Infinity, hold: HELD_BYTES } as const;
  for await (const block of unpacked(open, limits)) {
    most = Math.max(most, asked * perByte - delivered);
    delivered += block.length;
  }
  expect(delivered).toBe(3 * LINES * LINE);
  // A step is 16 KiB, which is some 4 MB here.
  expect(most).toBeLessThan(1.3 * LINES * LINE);
});

test("items that an older fanjoin planned before the checksum was known are in doubt", async () => {
  const shelved = shelf({ a: damaged(gzipSync("one\ntwo\n"), 8), b: "next\n" });
  const spool = { name: "spool/text", offset: 0, length: 8, base: 0 };
  const last = { entry: 0, first: 0, ranges: [{ source: 0, start: 0, end: 4 }], spool };
  const [rest, next] = await planOf(lines(), shelved, undefined, last);
  expect(rest).toMatchObject({ ranges: [{ source: 0, start: 4 }], spool: { inDoubt: true } });
  expect(next?.ranges).toEqual([{ source: 1, start: 0, end: 5 }]);
});
