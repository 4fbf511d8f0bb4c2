import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { csv } from "../../../src/input/csv.ts";
import { jsonl } from "../../../src/input/jsonl.ts";
import { lines } from "../../../src/input/lines.ts";
import { MANY, planOf, readAllOf, shelf } from "../spooling.ts";

const TEXT = Array.from({ length: 40 }, (_, n) => `line ${n} ${"xyz".repeat(n % 5)}`).join("\n");
const GOOD = gzipSync(TEXT);

/** What was read, and what is said about the rest: another source always follows, and is read. */
async function read(bytes: Uint8Array, name = "a.gz", options = {}) {
  const items = await readAllOf(lines(options), { [name]: bytes, next: "next" });
  expect(items.at(-1)).toMatchObject({ value: "next", label: "next" });
  const own = items.slice(0, -1);
  const problems = own.filter(({ unreadable }) => unreadable !== null);
  // One at most, and nothing after it.
  expect(problems).toEqual(problems.length === 0 ? [] : [own.at(-1)]);
  return {
    values: own.filter(({ unreadable }) => unreadable === null).map(({ value }) => value),
    problem: problems[0] ?? null,
  };
}

test.each(["gzip", "zstd"])(
  "%s that is cut off anywhere: what came before is read, the rest is one failed item",
  async (packing) => {
    const whole = packing === "gzip" ? GOOD : zstdCompressSync(TEXT);
    const all = TEXT.split("\n");
    let most = 0;
    for (let length = 0; length < whole.length; length++) {
      const { values, problem } = await read(
        whole.subarray(0, length),
        `a.${packing === "gzip" ? "gz" : "zst"}`,
      );
      expect(values).toEqual(all.slice(0, values.length));
      expect(problem?.unreadable?.code).toBe("INPUT_INVALID");
      // The last line has no end, so it may be cut off as well.
      expect(values.length).toBeLessThan(all.length);
      most = Math.max(most, values.length);
    }
    // zstd gives a block as a whole.
    expect(most).toBe(packing === "gzip" ? all.length - 1 : most);
  },
);

test("a flipped bit anywhere loses no more than what follows it", async () => {
  const all = TEXT.split("\n");
  for (let at = 10; at < GOOD.length; at++) {
    const bytes = Buffer.from(GOOD);
    bytes[at]! ^= 1 << (at % 8);
    const { values, problem } = await read(bytes);
    // A few bits mean nothing: those that fill up the last byte of the data.
    expect(problem?.unreadable?.code ?? values).toEqual(problem === null ? all : "INPUT_INVALID");
  }
  const bytes = Buffer.from(GOOD);
  bytes[GOOD.length - 8]! ^= 1;
  const { values, problem } = await read(bytes);
  expect(values).toEqual(all);
  expect(problem?.unreadable?.message).toBe(
    `its gzip data do not have the checksum that they should have, at byte ${GOOD.length - 5} of the packed file`,
  );
});

test("what follows a packed file is one failed item, after everything that is in it", async () => {
  for (const [name, packed] of [
    ["a.gz", GOOD],
    ["a.zst", zstdCompressSync(TEXT)],
  ] as const) {
    const { values, problem } = await read(Buffer.concat([packed, Buffer.from("garbage")]), name);
    expect(values).toEqual(TEXT.split("\n"));
    expect(problem?.unreadable?.message).toMatch(
      / data are followed by something else, at byte \d+ of the packed file$/,
    );
    expect(problem?.place).toEqual({ offset: TEXT.length, line: 0, raw: "" });
  }
});

test("the failed item shows the beginning of what could not be read, and where it is", async () => {
  const { values, problem } = await read(gzipSync(`one\ntwo\nthree ${"x".repeat(20_000)}`).subarray(0, -3));
  expect(values).toEqual(["one", "two"]);
  expect(problem?.place.offset).toBe(8);
  expect(problem?.place.raw).toMatch(/^three xxx/);
  expect(problem?.place.raw.length).toBe(8192);
});

test("data that are no deflate data at all say so", async () => {
  const head = GOOD.subarray(0, 10);
  const { values, problem } = await read(Buffer.concat([head, Buffer.from([0xff, 0xff, 0xff])]));
  expect(values).toEqual([]);
  expect(problem?.unreadable?.message).toMatch(
    /^its gzip data are damaged \(.+\), at byte 10 of the packed file$/,
  );
});

test.each([
  ["hello", "a.gz ends in .gz but is not gzip: it begins with the bytes 68656c6c."],
  ["", "a.gz ends in .gz but is not gzip: it is empty."],
])(
  "a .gz that holds %j costs one failed item beside other sources, and alone it is refused",
  async (content, message) => {
    const { values, problem } = await read(Buffer.from(content));
    expect(values).toEqual([]);
    expect(problem?.unreadable?.message).toContain(message);
    await expect(planOf(lines(), shelf({ "a.gz": content }))).rejects.toMatchObject({
      code: "INPUT_INVALID",
    });
  },
);

test("a csv source whose header is not usable costs one failed item beside others, packed or not", async () => {
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

test("a bomb ends at its limit: what came before is read, the message says how to raise it", async () => {
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

test("a damage entry has a range of its own, and a resumed plan goes on with the next source", async () => {
  const shelved = shelf({ "a.gz": GOOD.subarray(0, -20), b: "x\n" });
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

test("an input that has changed or is gone still ends the batch, and is no damage", async () => {
  const { store, sources } = shelf({ "a.gz": GOOD, b: "x\n" });
  store.put("a.gz", gzipSync("other"));
  await expect(planOf(lines(), { store, sources })).rejects.toMatchObject({ code: "INPUT_CHANGED" });
});
