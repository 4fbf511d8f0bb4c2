/** Pulled chunks may come from somebody else, so their form is checked. */
import { expect, test } from "vitest";
import {
  bareBatch,
  bareChunk,
  pulledBatch,
  pulledChunk,
  pulledSource,
} from "../../../src/batch/pulled/pulled-shape.ts";

const CHUNK = {
  chunk: 3,
  source: 0,
  start: 10,
  end: 20,
  spooled: false,
  before: { items: 4, lines: null },
  text: { at: 0, bytes: 10 },
};
const PIECE = { at: 4, bytes: 5 };
const SOURCE = { source: 0, label: "a.csv", size: 100, head: "aWQ=" };
const BATCH = {
  batch: "01KB3Q",
  job: "daily-sales",
  params: { any: [1, null] },
  reader: "csv",
  options: {},
  concurrency: 1,
};

test("chunks, sources and batches of the right form pass", () => {
  for (const more of [
    {},
    { text: null },
    { text: { pieces: [] } },
    { text: { pieces: [PIECE, { at: 9, bytes: 1 }] } },
    { start: 20 },
    { damage: "it ends" },
    { before: { items: null, lines: 0 } },
  ])
    expect(pulledChunk({ ...CHUNK, ...more })).toBeNull();
  for (const head of ["", "aWQs", "aW+/", "YQ=="]) expect(pulledSource({ ...SOURCE, head })).toBeNull();
  for (const reader of ["csv", "files", "jsonl", "json", "lines", "range", "items", "from"])
    expect(pulledBatch({ ...BATCH, reader, code: "aB_-9" })).toBeNull();
  expect(pulledBatch({ ...BATCH, batch: "Z", job: "a" })).toBeNull();
});

test.for<[string, object]>([
  ["", []],
  [".chunk", { ...CHUNK, chunk: -1 }],
  [".end", { ...CHUNK, end: 9 }],
  [".spooled", { ...CHUNK, spooled: 0 }],
  [".before.items", { ...CHUNK, before: { lines: null } }],
  [".before.lines", { ...CHUNK, before: { items: 1, lines: "1" } }],
  [".text", { ...CHUNK, text: undefined }],
  [".text.bytes", { ...CHUNK, text: { at: 0 } }],
  [".text.pieces", { ...CHUNK, text: { pieces: PIECE } }],
  [".text.pieces[1].at", { ...CHUNK, text: { pieces: [PIECE, { at: -1, bytes: 1 }] } }],
  [".text.pieces", { ...CHUNK, text: { pieces: [PIECE, { at: 8, bytes: 1 }] } }],
  [".damage", { ...CHUNK, damage: 1 }],
])("a chunk whose %s is wrong is refused", ([place, value]) => {
  expect(pulledChunk(value)).toBe(place);
});

test.for<[string, object]>([
  [".label", { ...SOURCE, label: 1 }],
  [".size", { ...SOURCE, size: -1 }],
  [".head", { ...SOURCE, head: "aWQ===" }],
  [".head", { ...SOURCE, head: "a b" }],
  [".head", { ...SOURCE, head: "../=" }],
])("a source whose %s is wrong is refused: %o", ([place, value]) => {
  expect(pulledSource(value)).toBe(place);
});

test.for<[string, object]>([
  [".batch", { batch: "01kb" }],
  [".batch", { batch: "" }],
  [".batch", { batch: "A".repeat(65) }],
  [".batch", { batch: "../A" }],
  [".job", { job: "Sales" }],
  [".job", { job: "-a" }],
  [".job", { job: "a/b" }],
  [".job", { job: "a".repeat(64) }],
  [".reader", { reader: "toString" }],
  [".options", { options: null }],
  [".concurrency", { concurrency: "1" }],
  [".code", { code: "a b" }],
  [".code", { code: "" }],
])("a batch whose %s is wrong is refused: %o", ([place, change]) => {
  expect(pulledBatch({ ...BATCH, ...change })).toBe(place);
});

test("what else came with a batch or a chunk is left out", () => {
  expect(bareBatch({ ...BATCH, reader: "csv", code: "x", more: 1 } as never)).toEqual({
    ...BATCH,
    code: "x",
  });
  const text = { ...CHUNK.text, more: 1 };
  const chunk = { ...CHUNK, text, before: { ...CHUNK.before, more: 1 }, more: 1 };
  expect(bareChunk(chunk as never)).toEqual(CHUNK);
  const pieces = { ...CHUNK, text: { pieces: [{ ...PIECE, more: 1 }], more: 1 } };
  expect(bareChunk(pieces as never)).toEqual({ ...CHUNK, text: { pieces: [PIECE] } });
  expect(bareChunk({ ...CHUNK, text: null, damage: "it ends" })).toEqual({
    ...CHUNK,
    text: null,
    damage: "it ends",
  });
});
