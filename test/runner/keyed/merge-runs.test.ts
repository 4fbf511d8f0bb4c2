/** Sorted runs of outputs by key: which pieces are written together, and how often objects are read. */
import { expect, test } from "vitest";
import type { KeyedPieces, Piece, Segment } from "../../../src/core/records/contribution.ts";
import { keyedOutputs } from "../../../src/joins/keyed-outputs.ts";
import { InOrderReads } from "../../../src/runner/keyed/in-order-reads.ts";
import { writeKeyedFiles } from "../../../src/runner/keyed/keyed-files.ts";
import { mergeRuns } from "../../../src/runner/keyed/merge-runs.ts";
import { memoryStore } from "../../../src/testing/memory/store.ts";
import type { MemoryStore } from "../../../src/testing/memory/store.ts";

const MIB = 1024 * 1024;

const run = (...pieces: readonly Piece[]): KeyedPieces => [{ key: "a", pieces }];

async function mergedOf(store: MemoryStore, ...runs: readonly KeyedPieces[]): Promise<readonly Piece[]> {
  const [only] = await mergeRuns(store, runs, ["a"]);
  return only?.pieces ?? [];
}

/** Pieces of text, as it is; and those of the store by their names. */
function shown(store: MemoryStore, pieces: readonly Piece[]): string[] {
  return pieces.map((piece) => {
    if ("text" in piece) return piece.text;
    const { name, offset, length } = piece;
    return name === "large" ? "large" : store.text(name).slice(offset, offset + length);
  });
}

test("small neighbours are written together, and pieces of eight MiB stay where they are", async () => {
  const store = memoryStore();
  const large: Segment = { name: "large", offset: 3, length: 8 * MIB };
  const pieces = await mergedOf(
    store,
    run({ text: "1" }, { text: "2" }),
    run(large),
    run({ text: "3" }),
    run(large, large, { text: "4" }),
    run({ text: "5" }),
  );
  expect(shown(store, pieces)).toEqual(["12", "large", "3", "large", "large", "45"]);
  expect(pieces[1]).toEqual(large);
});

test("what is written together ends once it has eight MiB", async () => {
  const store = memoryStore(MIB);
  const part = { text: "x".repeat(4 * MIB) };
  const pieces = await mergedOf(store, run(part, part), run(part), run({ text: "y" }), run({ text: "z" }));
  expect(pieces.map((piece) => ("text" in piece ? piece.text.length : piece.length))).toEqual([
    8 * MIB,
    4 * MIB + 2,
  ]);
});

test("each key has the pieces of all runs, in their order; a single run is as it was", async () => {
  const store = memoryStore();
  const first: KeyedPieces = [
    { key: "a", pieces: [{ text: "1" }] },
    { key: "c", pieces: [{ text: "2" }] },
  ];
  const second: KeyedPieces = [
    { key: "b", pieces: [{ text: "3" }] },
    { key: "c", pieces: [{ text: "4" }] },
  ];
  const merged = await mergeRuns(store, [first, second], ["a", "b", "c"]);
  expect(merged.map(({ key, pieces }) => [key, shown(store, pieces)])).toEqual([
    ["a", ["1"]],
    ["b", ["3"]],
    ["c", ["24"]],
  ]);
  expect(await mergeRuns(store, [first], ["a", "c"])).toBe(first);
  expect(await mergeRuns(store, [], [])).toEqual([]);
});

/** A store of objects with the same bytes, whose reads are noted. */
function noting(bytes: number, names: readonly string[] = ["one", "two"]) {
  const kept = memoryStore(100_000);
  const whole = Buffer.alloc(bytes, "0123456789");
  for (const name of names) kept.put(name, whole);
  const requests: [string, number, number][] = [];
  const is = { open: 0 };
  const store: Pick<MemoryStore, "read"> = {
    async *read(name, start, end) {
      requests.push([name, start, end]);
      is.open++;
      try {
        yield* kept.read(name, start, end);
      } finally {
        is.open--;
      }
    },
  };
  const text = ({ offset, length }: Segment): string => whole.toString("utf8", offset, offset + length);
  return { store, requests, is, text };
}

test("pieces of an object are read in one request, over gaps of 256 KiB; after a longer one in another", async () => {
  const gap = 256 * 1024;
  const { store, requests, is, text } = noting(4 * gap);
  const pieces: Segment[] = [
    { name: "one", offset: 3, length: 150_000 },
    { name: "two", offset: 0, length: 7 },
    { name: "one", offset: 150_003, length: 0 },
    { name: "one", offset: 150_003 + gap, length: 10 },
    { name: "one", offset: 150_014 + 2 * gap, length: 12 },
    { name: "two", offset: 7, length: 5 },
  ];
  const reads = new InOrderReads(
    store,
    pieces.map((piece) => run(piece)),
  );
  for (const piece of pieces) expect((await reads.read(piece)).toString()).toBe(text(piece));
  const end = 150_026 + 2 * gap;
  expect(requests).toEqual([
    ["one", 3, end],
    ["two", 0, 12],
    ["one", 150_014 + 2 * gap, end],
  ]);
  await reads.close();
  expect(is.open).toBe(0);
});

test("an object that ends too early is an error, with the place", async () => {
  const { store } = noting(10);
  const piece: Segment = { name: "one", offset: 4, length: 20 };
  const reads = new InOrderReads(store, [run(piece)]);
  await expect(reads.read(piece)).rejects.toThrow("one ends before byte 10");
});

test("a piece before those that were read has a request of its own, and each goes on with the nearest", async () => {
  const { store, requests, text } = noting(1000);
  const pieces = [500, 100, 510, 525, 120].map((offset) => ({ name: "one", offset, length: 10 }));
  const reads = new InOrderReads(store, [run(...pieces)]);
  for (const piece of pieces) expect((await reads.read(piece)).toString()).toBe(text(piece));
  expect(requests.map(([, start]) => start)).toEqual([500, 100]);
  await reads.close();
});

test("of more than 128 objects, those that were read last stay open", async () => {
  const names = Array.from({ length: 130 }, (_, n) => `n${n}`);
  const { store, requests, is } = noting(100, names);
  const piece = (n: number, offset: number): Segment => ({ name: `n${n}`, offset, length: 10 });
  const all = names.flatMap((_, n) => [0, 10, 20].map((offset) => piece(n, offset)));
  const reads = new InOrderReads(store, [run(...all)]);
  for (const n of names.keys()) await reads.read(piece(n, 0));
  expect([requests.length, is.open]).toEqual([130, 128]);
  // Of these, the first two were closed. The third is used once more, so the fourth goes next.
  for (const again of [piece(129, 10), piece(2, 10), piece(0, 10), piece(2, 20)]) await reads.read(again);
  expect(requests.slice(130).map(([name]) => name)).toEqual(["n0"]);
  await reads.read(piece(3, 10));
  expect(requests.slice(131).map(([name]) => name)).toEqual(["n3"]);
  await reads.close();
  expect(is.open).toBe(0);
});

test("files are put together of pieces where they are, unless they are packed or rewritten", async () => {
  const pieces = [{ text: '{"key":"a"}\n' }];
  for (const [options, created] of [
    [{}, 0],
    [{ gzip: true }, 1],
    [{ format: "csv" }, 1],
    [{ format: "csv", columns: ["key"] }, 0],
  ] as const) {
    let writers = 0;
    const store = memoryStore();
    const counting: MemoryStore = { ...store, create: (name) => (writers++, store.create(name)) };
    const outputs = keyedOutputs({ by: "key", ...options });
    await writeKeyedFiles({ store: counting, base: "out", outputs, keyed: [{ key: "a", pieces }] });
    expect([options, writers]).toEqual([options, created]);
  }
});
