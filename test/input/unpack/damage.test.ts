import { randomBytes } from "node:crypto";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { csv } from "../../../src/input/csv.ts";
import { readingOf } from "../../../src/input/cut/spooled.ts";
import { json } from "../../../src/input/json.ts";
import { jsonl } from "../../../src/input/jsonl.ts";
import { readerKinds } from "../../../src/input/kinds.ts";
import { lines } from "../../../src/input/lines.ts";
import type { Reader } from "../../../src/input/reader.ts";
import { itemsOf, MANY, planOf, readAllOf, shelf } from "../spooling.ts";

const TEXT = Array.from({ length: 40 }, (_, n) => `line ${n} ${"xyz".repeat(n % 5)}`).join("\n");
const GOOD = gzipSync(TEXT);
const zstdChecked = (text: string): Buffer =>
  zstdCompressSync(text, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
const lineList = (text: string): string[] => text.split("\n").slice(0, -1);

/** The items that were read, and the problem of the rest. Another source always follows, and is read. */
async function read(bytes: Uint8Array, name = "a.gz", options = {}) {
  const items = await readAllOf(lines(options), { [name]: bytes, next: "next" });
  expect(items.at(-1)).toMatchObject({ value: "next", label: "next" });
  const own = items.slice(0, -1);
  const problems = own.filter(({ unreadable }) => unreadable !== null);
  // At most one, and it is the last.
  expect(problems).toEqual(problems.length === 0 ? [] : [own.at(-1)]);
  return {
    values: own.filter(({ unreadable }) => unreadable === null).map(({ value }) => value),
    problem: problems[0] ?? null,
  };
}

const FIRST = "one\ntwo\n";

test.each(["gzip", "zstd"])(
  "%s that is cut off anywhere: the members before it are read, its own items are not, and the rest is one failed item",
  async (packing) => {
    const pack = packing === "gzip" ? gzipSync : zstdChecked;
    const name = `a.${packing === "gzip" ? "gz" : "zst"}`;
    const [first, whole] = [pack(FIRST), pack(TEXT)];
    for (let length = 1; length < whole.length; length++) {
      const cut = whole.subarray(0, length);
      const { values, problem } = await read(Buffer.concat([first, cut]), name);
      expect(values).toEqual(["one", "two"]);
      expect(problem?.unreadable?.code).toBe("INPUT_INVALID");
      if (length < 4) continue;
      const alone = await read(cut, name);
      expect(alone.values).toEqual([]);
      expect(alone.problem?.unreadable?.message).toMatch(/ data end too soon/);
    }
  },
);

test.each([
  ["gzip", (text: string) => gzipSync(text)],
  ["gzip without compression", (text: string) => gzipSync(text, { level: 0 })],
  ["zstd with a checksum", (text: string) => zstdChecked(text)],
])("%s: no flipped bit makes other items count", async (packing, pack) => {
  const text = "a,100\nb,200\n";
  const rest = "c,300\n";
  const [first, second] = [pack(text), pack(rest)];
  const whole = Buffer.concat([first, second]);
  const [own, all] = [lineList(text), lineList(text + rest)];
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const bytes = Buffer.from(whole);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    // The beginning says that it is packed.
    if (bit < (packing.startsWith("gzip") ? 16 : 32)) continue;
    const { values } = await read(bytes, "a");
    // A few bits have no meaning, such as the time in a gzip header.
    expect([bit, [[], own, all]]).toEqual([bit, expect.arrayContaining([values])]);
  }
});

test("the numbers of a member with another checksum are not counted, in CSV, JSON lines and JSON", async () => {
  const texts: readonly (readonly [Reader, string])[] = [
    [csv(), "n,price\n1,100\n"],
    [jsonl(), "[1,100]\n"],
    [json(), "[1,100]"],
  ];
  for (const [reader, text] of texts) {
    const packed = gzipSync(text, { level: 0 });
    packed[packed.indexOf("1,100") + 2]! ^= 8;
    const items = await readAllOf(reader, { a: packed, b: packed });
    expect(items.map(({ label, value, unreadable }) => [label, value, unreadable?.message])).toEqual(
      ["a", "b"].map((label) => [
        label,
        undefined,
        expect.stringMatching(
          /^its gzip data do not have the checksum that they should have, at byte \d+ of the packed file\. This gzip member, from byte 0 on, is left out, because its items would be in doubt\.$/,
        ),
      ]),
    );
  }
});

test("a record that begins in a verified member and goes on in a damaged one is not an item", async () => {
  const damaged = gzipSync("wo\nthree\n").subarray(0, -1);
  const { values, problem } = await read(Buffer.concat([gzipSync("one\nt"), damaged]));
  expect(values).toEqual(["one"]);
  expect(problem?.position).toMatchObject({ offset: 4, raw: "t" });
});

test("bytes after the packed data are one failed item, after all items of the file", async () => {
  for (const [name, packed] of [
    ["a.gz", GOOD],
    ["a.zst", zstdCompressSync(TEXT)],
  ] as const) {
    for (const garbage of ["garbage", "\n"]) {
      const { values, problem } = await read(Buffer.concat([packed, Buffer.from(garbage)]), name);
      expect(values).toEqual(TEXT.split("\n"));
      expect(problem?.unreadable?.message).toMatch(
        / data are followed by something else, at byte \d+ of the packed file\.$/,
      );
      expect(problem?.position).toEqual({ offset: TEXT.length, line: 0, raw: "", key: TEXT.length });
    }
  }
});

test("invalid deflate data are named in the message", async () => {
  const head = GOOD.subarray(0, 10);
  const { values, problem } = await read(Buffer.concat([head, Buffer.from([0xff, 0xff, 0xff])]));
  expect(values).toEqual([]);
  expect(problem?.unreadable?.message).toMatch(
    /^its gzip data are damaged \(.+\), at byte 10 of the packed file\./,
  );
});

test.each([
  ["hello", "a.gz ends in .gz but is not gzip: it begins with the bytes 68656c6c."],
  ["", "a.gz ends in .gz but is not gzip: it is empty."],
])(
  "a .gz that contains %j costs one failed item beside other sources; as the only source it is refused",
  async (content, message) => {
    const { values, problem } = await read(Buffer.from(content));
    expect(values).toEqual([]);
    expect(problem?.unreadable?.message).toContain(message);
    await expect(planOf(lines(), shelf({ "a.gz": content }))).rejects.toMatchObject({
      code: "INPUT_INVALID",
    });
  },
);

test("a CSV source with an unusable header costs one failed item beside other sources, packed or not", async () => {
  const files = {
    "a.csv": "a\n1\n",
    "b.csv": "x,x\n1,2\n",
    "c.csv.gz": gzipSync("x,x\n1,2\n"),
    "d.csv": "a\n2\n",
  };
  const items = await readAllOf(csv(), files);
  expect(items.map(({ label, value }) => [label, value])).toEqual([
    ["a.csv", { a: "1" }],
    ["b.csv", undefined],
    ["c.csv.gz", undefined],
    ["d.csv", { a: "2" }],
  ]);
  for (const at of [1, 2]) {
    expect(items[at]?.unreadable?.code).toBe("INPUT_INVALID");
    expect(items[at]?.unreadable?.message).toContain('two columns are named "x"');
  }
});

test.each([
  ["under a header", csv(), 'a,"\n",b\n', { items: 0, lines: 2 }],
  ["under lines that are left out", csv({ skipLines: 2 }), "title\n\na,b\n", { items: 0, lines: 3 }],
  [
    "under a header that is replaced",
    csv({ columns: ["x", "y"], header: true }),
    "a,b\n",
    { items: 0, lines: 1 },
  ],
  ["without a header", csv({ columns: ["x", "y"] }), "", { items: 0, lines: 0 }],
  ["without a header, behind a mark", csv({ columns: ["x", "y"] }), "\uFEFF", { items: 0, lines: 0 }],
])("a first row %s that is damaged is item 0, with its line", async (_, reader, before, origin) => {
  const damaged = gzipSync(`${randomBytes(500).toString("hex")}\n`).subarray(0, -60);
  const packed = Buffer.concat([gzipSync(`${before}1,`), damaged]);
  const shelved = shelf({ "a.csv.gz": packed, "b.csv": "title\n\na,b\n1,2\n" });
  const [entry] = await planOf(reader, shelved);
  const [range] = entry?.ranges ?? [];
  const source = shelved.sources[0]!;
  const { kind, request } = readingOf(
    readerKinds.csv,
    { source, range: range!, options: reader.options, store: shelved.store },
    entry?.spool ? { spool: entry.spool } : {},
  );
  expect(entry?.spool?.damage).toContain("end too soon");
  expect(await kind.origin(request)).toEqual(origin);
  const [item] = await itemsOf(reader, shelved, [entry!]);
  expect(item?.position).toMatchObject({ offset: Buffer.byteLength(before), line: 0 });
  expect(item?.position.raw).toBe("1,");
});

test("a zip bomb ends at the limit: everything before is read, and the message names the option", async () => {
  const bomb = gzipSync(`${"a".repeat(9)}\n`.repeat(200_000));
  expect(bomb.length).toBeLessThan(6_000);
  const { values, problem } = await read(bomb, "a.gz", { maxUnpackedBytes: 10_005 });
  expect(values.length).toBe(1000);
  expect(problem?.unreadable?.message).toContain("unpacks to more than 10,005 bytes");
  expect(problem?.unreadable?.message).toContain("maxUnpackedBytes");
  const { values: most, problem: none } = await read(bomb, "a.gz", { maxUnpackedBytes: 2_000_000 });
  expect(most.length).toBe(200_000);
  expect(none).toBeNull();
});

test("a damage entry has a range of its own, and a resumed plan continues with the next source", async () => {
  const shelved = shelf({ "a.gz": Buffer.concat([GOOD, GOOD.subarray(0, -20)]), b: "x\n" });
  const plan = await planOf(jsonl(), shelved, { ...MANY, bytes: 100 });
  expect(
    plan.map(({ ranges, spool }) => [ranges.length, ranges[0]?.source, spool?.damage !== undefined]),
  ).toEqual([
    [expect.any(Number), 0, false],
    [1, 0, true],
    [1, 1, false],
  ]);
  const [, damaged] = plan;
  expect(await planOf(jsonl(), shelved, MANY, damaged)).toEqual([plan[2]]);
});

test("an input that was changed or removed ends the batch: it does not count as damage", async () => {
  const { store, sources } = shelf({ "a.gz": GOOD, b: "x\n" });
  store.put("a.gz", gzipSync("other"));
  await expect(planOf(lines(), { store, sources })).rejects.toMatchObject({ code: "INPUT_CHANGED" });
});
