/** Text as pieces: written, read by blocks and lines, and cut. */
import { describe, expect, test } from "vitest";
import { GAP } from "../../../src/core/span.ts";
import { INLINE_BODY } from "../../../src/core/records/contribution.ts";
import type { Contribution, Piece } from "../../../src/core/records/contribution.ts";
import type { Json } from "../../../src/core/json/json.ts";
import { loadBody, storeBody } from "../../../src/runner/contribution/body.ts";
import { bytesOf, linesOf, slice, textOf } from "../../../src/runner/contribution/piece-text.ts";
import { PieceWriter } from "../../../src/runner/contribution/piece-writer.ts";
import { memoryStore } from "../../../src/testing/memory/store.ts";

const HEAVY = 256 * 1024;

async function read(store: ReturnType<typeof memoryStore>, pieces: readonly Piece[]): Promise<string> {
  let text = "";
  for (const piece of pieces) for await (const block of textOf(store, piece)) text += block;
  return text;
}

describe("a writer of pieces", () => {
  test("makes no piece of no text, and a piece of text of what may stay inline", async () => {
    const store = memoryStore();
    expect(await new PieceWriter(store, "x").close(10)).toEqual([]);
    const writer = new PieceWriter(store, "x");
    writer.add("0123");
    writer.add("456789");
    expect(await writer.close(10)).toEqual([{ text: "0123456789" }]);
  });

  test("writes longer text into the store", async () => {
    const store = memoryStore();
    const writer = new PieceWriter(store, "partials/x");
    writer.add("0123456789é");
    const pieces = await writer.close(10);
    expect(pieces).toEqual([
      { name: expect.stringContaining("partials/x") as string, offset: 0, length: 12 },
    ]);
    expect(await read(store, pieces)).toBe("0123456789é");
  });

  test("unloads what it holds once that is long, and puts all of it into one object, in order", async () => {
    const store = memoryStore(64 * 1024);
    const writer = new PieceWriter(store, "x");
    writer.add("a".repeat(HEAVY - 1));
    expect(writer.heavy).toBe(false);
    await writer.unload();
    writer.add("é");
    expect([writer.heavy, writer.bytes]).toEqual([true, HEAVY + 1]);
    await writer.unload();
    expect([writer.heavy, writer.bytes]).toEqual([false, HEAVY + 1]);
    writer.add("end");
    expect(writer.bytes).toBe(HEAVY + 4);
    const pieces = await writer.close(1_000_000);
    expect(pieces).toMatchObject([{ length: HEAVY + 4 }]);
    expect((await read(store, pieces)) === `${"a".repeat(HEAVY - 1)}éend`).toBe(true);
  });

  test("that was unloaded and has nothing more is one object", async () => {
    const writer = new PieceWriter(memoryStore(), "x");
    writer.add("a".repeat(HEAVY));
    await writer.unload();
    expect(await writer.close(10)).toMatchObject([{ length: HEAVY }]);
  });

  test("counts bytes, not characters, however often it is asked", () => {
    const writer = new PieceWriter(memoryStore(), "x");
    expect(writer.bytes).toBe(0);
    writer.add("é");
    expect([writer.bytes, writer.bytes]).toEqual([2, 2]);
    writer.add("😀a");
    expect(writer.bytes).toBe(7);
  });
});

describe("the text of a piece", () => {
  test("comes in blocks that cut no character", async () => {
    const store = memoryStore(1);
    store.put("x", "aé😀b");
    const segment = { name: "x", offset: 1, length: 6 };
    expect(await read(store, [segment, { text: "é" }])).toBe("é😀é");
    expect([bytesOf(segment), bytesOf({ text: "é" })]).toEqual([6, 2]);
  });

  test("comes in lines without their ends, also where a line spans blocks", async () => {
    const store = memoryStore(3);
    store.put("x", "one\n\ntwo and three\n");
    const lines = await Array.fromAsync(linesOf(store, { name: "x", offset: 0, length: 19 }));
    expect(lines).toEqual(["one", "", "two and three"]);
    expect(await Array.fromAsync(linesOf(store, { text: "a\nb\n" }))).toEqual(["a", "b"]);
    expect(await Array.fromAsync(linesOf(store, { text: "" }))).toEqual([]);
  });

  test("may be cut at any bytes, across pieces", async () => {
    const store = memoryStore();
    store.put("x", "..4567..");
    const pieces: Piece[] = [{ text: "0123" }, { name: "x", offset: 2, length: 4 }, { text: "89" }];
    for (let from = 0; from <= 10; from++) {
      for (let to = from; to <= 10; to++) {
        expect(await read(store, slice(pieces, from, to))).toBe("0123456789".slice(from, to));
      }
    }
    expect(slice(pieces, 0, 10)).toEqual(pieces);
    expect(slice(pieces, 4, 8)).toEqual([pieces[1]]);
    expect(slice(pieces, 5, 7)).toEqual([{ name: "x", offset: 3, length: 2 }]);
    expect(slice(pieces, 4, 4)).toEqual([]);
  });
});

test("a body is what was stored, inline or in the store", async () => {
  const store = memoryStore();
  const small = { 1: { value: null, span: GAP } };
  const inline = await storeBody(store, small);
  expect(inline).toHaveProperty("text");
  expect(await loadBody(store, { ...inline })).toEqual(small);
  const large = { 1: { value: "x".repeat(100_000), span: GAP } };
  const stored = await storeBody(store, large);
  expect(stored).toHaveProperty("name");
  expect(await loadBody(store, { ...stored })).toEqual(large);
});

describe("a body that this process has just stored", () => {
  const span = { items: 1, lines: null, anchored: false };
  const contributionOf = (value: Json | undefined): Contribution => {
    return value === undefined ? { span } : { value, span };
  };

  test.for<[string, Json | undefined]>([
    ["a number", 1.5],
    ["a text", "x".repeat(INLINE_BODY)],
    ["no value", undefined],
  ])("is not read again if its text says all of it: %s", async ([, value]) => {
    const contributions = { 1: contributionOf(value) };
    const body = await storeBody(memoryStore(), contributions);
    // Another store, which has no such object.
    expect(await loadBody(memoryStore(), body)).toBe(contributions);
  });

  test.for<[string, Contribution]>([
    ["-0, which is 0 in JSON", contributionOf(-0)],
    ["an object, which may write itself as something else", contributionOf({ a: 1 })],
    ["a list", contributionOf([1])],
    ["outputs", { ...contributionOf(1), outputs: [{ text: "1" }] }],
    ["segments", { segments: [[1]], span }],
  ])("is read as it was written if it has %s", async ([, contribution]) => {
    const contributions = { 0: contributionOf(1), 1: contribution };
    const loaded = await loadBody(memoryStore(), await storeBody(memoryStore(), contributions));
    expect(loaded).not.toBe(contributions);
    expect(loaded).toEqual(JSON.parse(JSON.stringify(contributions)));
  });
});

const PASSWD = { name: "file:///etc/passwd", offset: 0, length: 9 };
const OWN = { name: "partials/x", offset: 0, length: 9 };
const KNOWN = { items: 1, lines: null, anchored: true };

test.for<[string, { readonly [field: string]: unknown }]>([
  ["outputs", { outputs: [PASSWD] }],
  ["outputs by key", { keyed: [{ key: "a", pieces: [PASSWD] }] }],
  ["failed items", { failed: [{ piece: PASSWD, base: KNOWN }] }],
  ["blocks", { blocks: [PASSWD] }],
  ["segments", { segments: [1] }],
  ["cuts", { cuts: [-1] }],
  ["an error", { error: "MERGE_FAILED" }],
  ["items", { span: { ...KNOWN, items: "1" } }],
  ["lines", { span: { ...KNOWN, lines: "1" } }],
  ["a span", { span: { items: 1, lines: 1 } }],
])("a body with %s that fanjoin did not write is refused, also behind one that is fine", async ([, more]) => {
  const fine = { value: 1, span: KNOWN };
  for (const text of [{ 1: { ...fine, ...more } }, { 0: fine, 1: { ...fine, ...more } }])
    await expect(loadBody(memoryStore(), { text: JSON.stringify(text) })).rejects.toMatchObject({
      code: "DIRECTORY_UNUSABLE",
      message: expect.stringContaining("has another form") as string,
    });
});

test("a body with all that fanjoin writes is read", async () => {
  const all = {
    span: KNOWN,
    outputs: [OWN, { text: "1\n" }],
    keyed: [{ key: "a", pieces: [OWN] }],
    failed: [{ piece: { ...OWN, crc: 5 }, base: KNOWN }],
    segments: [[], [1]],
    cuts: [0],
    added: [[0, 2]],
    error: { code: "MERGE_FAILED", message: "no" },
    split: 2,
  };
  for (const body of [{ 1: all }, { 1: { span: { items: null, lines: null, anchored: false } } }])
    expect(await loadBody(memoryStore(), { text: JSON.stringify(body) })).toEqual(body);
});

test.for([
  "{ torn",
  "[1]",
  '{"1":null}',
  '{"1":{"value":1}}',
  `{"1":{"span":${JSON.stringify(GAP)},"outputs":[{"name":"file:///etc/passwd","offset":0,"length":9}]}}`,
  `{"1":{"span":${JSON.stringify(GAP)},"outputs":[{"name":"/etc/passwd","offset":0,"length":9}]}}`,
])("a body that was not stored by fanjoin is refused: %s", async (text) => {
  await expect(loadBody(memoryStore(), { text })).rejects.toMatchObject({
    code: "DIRECTORY_UNUSABLE",
    message: expect.stringMatching(/^a part of the result in the ledger is damaged \(.+\): /),
  });
});
