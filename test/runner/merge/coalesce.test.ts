import { expect, test } from "vitest";
import type { FailedPiece, Piece } from "../../../src/core/records/contribution.ts";
import { GAP } from "../../../src/core/span.ts";
import type { Span } from "../../../src/core/span.ts";
import { coalesceFailed, coalesceOutputs, failedLines } from "../../../src/runner/merge/coalesce.ts";
import { memoryStore } from "../../../src/testing/memory/store.ts";
import type { MemoryStore } from "../../../src/testing/memory/store.ts";

const MIB = 1024 * 1024;

async function written(store: MemoryStore, text: string): Promise<Piece> {
  const writer = store.create("piece");
  await writer.write(text);
  return writer.close();
}

function textOf(store: MemoryStore, pieces: readonly Piece[]): string {
  return pieces
    .map((piece) =>
      "text" in piece
        ? piece.text
        : Buffer.from(store.text(piece.name)).toString("utf8", piece.offset, piece.offset + piece.length),
    )
    .join("");
}

test("outputs keep their order, in text pieces and in segments", async () => {
  const store = memoryStore();
  const pieces: Piece[] = [];
  let expected = "";
  for (let n = 0; n < 200; n++) {
    const text = `"${n}é"\n`;
    expected += text;
    pieces.push(n % 3 === 0 ? await written(store, text) : { text });
  }
  const joined = await coalesceOutputs(store, pieces);
  expect(joined.length).toBe(1);
  expect(textOf(store, joined)).toBe(expected);
});

test("large pieces are left where they are, with their neighbours in order", async () => {
  const store = memoryStore(MIB);
  const large = await written(store, "x".repeat(8 * MIB));
  const joined = await coalesceOutputs(store, [
    { text: "a" },
    { text: "b" },
    large,
    { text: "c" },
    large,
    large,
    { text: "d" },
  ]);
  expect(joined).toEqual([{ text: "ab" }, large, { text: "c" }, large, large, { text: "d" }]);
});

test("many small pieces become few, each large enough for a part", async () => {
  const store = memoryStore(MIB);
  const pieces = Array.from({ length: 40 }, (): Piece => ({ text: "y".repeat(MIB) }));
  const joined = await coalesceOutputs(store, pieces);
  expect(joined.map((piece) => ("text" in piece ? 0 : piece.length / MIB))).toEqual([8, 8, 8, 8, 8]);
});

test("adjacent segments become one, without copying a byte", async () => {
  const store = memoryStore();
  const { name } = (await written(store, "one\ntwo\nthree\n")) as { name: string };
  const joined = await coalesceOutputs(store, [
    { name, offset: 0, length: 4 },
    { name, offset: 4, length: 4 },
    { name, offset: 8, length: 6 },
  ]);
  expect(joined).toEqual([{ name, offset: 0, length: 14 }]);
});

test("an empty list stays empty", async () => {
  const store = memoryStore();
  expect(await coalesceOutputs(store, [])).toEqual([]);
  expect(await coalesceFailed(store, [])).toEqual([]);
});

const FAILED = {
  source: "s",
  offset: null,
  chunk: 0,
  attempts: 1,
  code: "X",
  error: { name: "E", message: "m" },
  item: null,
};

const line = (index: number | null, at: number | null): string =>
  `${JSON.stringify({ ...FAILED, index, line: at })}\n`;

async function positions(
  store: MemoryStore,
  failed: readonly FailedPiece[],
): Promise<[number | null, number | null][]> {
  const places: [number | null, number | null][] = [];
  const told: unknown[] = [];
  for await (const { text } of failedLines(store, failed, (one) => told.push(one))) {
    const parsed = JSON.parse(text) as { index: number | null; line: number | null };
    places.push([parsed.index, parsed.line]);
    expect(told.at(-1)).toEqual(parsed);
  }
  expect(told).toHaveLength(places.length);
  return places;
}

test("positions count from the items before, and lines from 1", async () => {
  const base: Span = { items: 10, lines: 21, anchored: true };
  expect(await positions(memoryStore(), [{ piece: { text: line(0, 0) + line(3, 5) }, base }])).toEqual([
    [10, 22],
    [13, 27],
  ]);
});

test("positions that nothing anchors are unknown", async () => {
  const base: Span = { items: 10, lines: 21, anchored: false };
  expect(await positions(memoryStore(), [{ piece: { text: line(0, 0) }, base }])).toEqual([[null, null]]);
});

test("after a gap a position stays unknown, even if a source began before the gap", async () => {
  const base = { ...GAP, anchored: true };
  expect(await positions(memoryStore(), [{ piece: { text: line(0, 0) }, base }])).toEqual([[null, null]]);
});

test("a line that the reader cannot know stays unknown", async () => {
  const base: Span = { items: 4, lines: null, anchored: true };
  expect(await positions(memoryStore(), [{ piece: { text: line(1, null) + line(2, 7) }, base }])).toEqual([
    [5, null],
    [6, null],
  ]);
});

test("many failed pieces become two at most, and no position changes", async () => {
  const store = memoryStore();
  const failed: FailedPiece[] = [];
  for (let n = 0; n < 60; n++) {
    const anchored = n >= 25;
    const base: Span = n === 40 ? { ...GAP, anchored } : { items: n * 2, lines: n * 3, anchored };
    const text = line(0, 1) + line(1, null);
    failed.push({ piece: n % 2 === 0 ? { text } : await written(store, text), base });
  }
  const joined = await coalesceFailed(store, failed);
  expect(joined.length).toBe(2);
  expect(await positions(store, joined)).toEqual(await positions(store, failed));
});

test("a few failed pieces are left alone", async () => {
  const store = memoryStore();
  const failed = Array.from({ length: 16 }, (): FailedPiece => ({ piece: { text: line(0, 0) }, base: GAP }));
  expect(await coalesceFailed(store, failed)).toEqual(failed);
});

test("segments with a gap between them stay two: the gap belongs to others", async () => {
  const store = memoryStore();
  const { name } = (await written(store, "one\nTWO\nthree\n")) as { name: string };
  const joined = await coalesceOutputs(store, [
    { name, offset: 0, length: 4 },
    { name, offset: 8, length: 6 },
  ]);
  expect(textOf(store, joined)).toBe("one\nthree\n");
});

test("segments of one object in another order keep that order", async () => {
  const store = memoryStore();
  const { name } = (await written(store, "one\ntwo\nthree\n")) as { name: string };
  const joined = await coalesceOutputs(store, [
    { name, offset: 4, length: 4 },
    { name, offset: 0, length: 4 },
    { name, offset: 8, length: 6 },
  ]);
  expect(textOf(store, joined)).toBe("two\none\nthree\n");
});

test("segments of two objects are two, though one begins where the other ends", async () => {
  const store = memoryStore();
  const first = (await written(store, "one\n")) as { name: string };
  const second = (await written(store, "two\nthree\n")) as { name: string };
  const joined = await coalesceOutputs(store, [
    { name: first.name, offset: 0, length: 4 },
    { name: second.name, offset: 4, length: 6 },
  ]);
  expect(textOf(store, joined)).toBe("one\nthree\n");
});
