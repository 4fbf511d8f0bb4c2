import { describe, expect, test } from "vitest";
import {
  HedgesView,
  beginsTail,
  hedgeAfterMs,
  hedgesLeft,
  isTail,
  mayHedgeLater,
  noteHedges,
  stragglers,
} from "../../../../src/core/records/attempts/hedges.ts";
import { isOptional } from "../../../../src/core/records/message.ts";
import { parseMessage } from "../../../../src/core/records/parse-message.ts";
import { applyUpdate } from "../../../../src/core/records/record.ts";
import type { Fields } from "../../../../src/core/records/record.ts";
import { NodeView } from "../../../../src/core/records/tree.ts";

const LEAF = { batch: "b", generation: 0, level: 0, index: 1 };
const RUNNING: Fields = { generation: 0, chunks: 150 };
const NO_HEDGES = new HedgesView(null);

const leafOf = (fields: Fields): NodeView => new NodeView(fields, 100);
const found = (
  batch: Fields,
  fields: Fields,
  generation = 0,
  slow: readonly number[] | null = null,
): number[] =>
  stragglers({ leaf: { ...LEAF, generation }, batch, view: leafOf(fields), hedges: NO_HEDGES }, 100, slow);
const settledBut = (...open: number[]): Fields => {
  const tags = Array.from({ length: 50 }, (_, child) => child).filter((child) => !open.includes(child));
  const fields = Object.fromEntries(tags.map((child) => [child.toString(36), "tag"]));
  return { ...fields, settled: tags.length, expects: 50 };
};

test("a chunk is slow that takes three times as long as others, and ten seconds at least", () => {
  expect(hedgeAfterMs(0)).toBe(10_000);
  expect(hedgeAfterMs(3_333)).toBe(10_000);
  expect(hedgeAfterMs(4_000)).toBe(12_000);
});

test("the tail begins with nine tenths of the chunks, and is over when all are settled", () => {
  expect([89, 90, 99, 100].map((settled) => isTail(settled, 100))).toEqual([false, true, true, false]);
  expect(isTail(4, 5)).toBe(false);
  expect(beginsTail(leafOf({ settled: 95 }), 5)).toBe(false);
  expect(beginsTail(leafOf({ settled: 95 }), 6)).toBe(true);
  expect(beginsTail(leafOf({ settled: 18, expects: 20 }), 1)).toBe(true);
});

describe("the stragglers of a leaf", () => {
  test("are its chunks without a tag and without a hedge, or those of them that are slow", () => {
    const fields = settledBut(3, 7, 41);
    expect(found(RUNNING, fields)).toEqual([103, 107, 141]);
    expect(found(RUNNING, fields, 0, [107, 12])).toEqual([107]);
    const { record } = applyUpdate(null, noteHedges(LEAF, [107], NO_HEDGES, 100));
    const hedges = new HedgesView(record);
    const view = leafOf(fields);
    expect(stragglers({ leaf: LEAF, batch: RUNNING, view, hedges }, 100, null)).toEqual([103, 141]);
  });

  test.each([
    ["is planned", { generation: 0 }],
    ["is to end", { ...RUNNING, ending: "cancel" }],
    ["is paused", { ...RUNNING, paused: 5 }],
    ["has ended", { ...RUNNING, endedAt: 5 }],
    ["is in another generation", { ...RUNNING, generation: 1, laid: 1 }],
  ])("are none while the batch %s", (_, batch) => {
    expect(found(batch, settledBut(3))).toEqual([]);
  });

  test("are none in a redrive before its leaves are laid, nor in a leaf that it does not lay", () => {
    const redriven = { generation: 1, chunks: 150 };
    expect(found(redriven, settledBut(3), 1)).toEqual([]);
    expect(found({ ...redriven, laid: 1 }, settledBut(3), 1)).toEqual([103]);
    expect(found({ ...redriven, laid: 1 }, {}, 1)).toEqual([]);
    // Chunks that a redrive has planned are new: nothing was laid for them.
    expect(found({ ...redriven, laid: 1, extend: 4, first: 198 }, {}, 1)).toEqual([198, 199]);
  });
});

test("a twentieth of a leaf is hedged at most, but one chunk at least", () => {
  expect(hedgesLeft(leafOf({}), NO_HEDGES)).toBe(5);
  expect(hedgesLeft(leafOf({ expects: 12 }), NO_HEDGES)).toBe(1);
  const { record } = applyUpdate(null, noteHedges(LEAF, [101, 102], NO_HEDGES, 100));
  expect(hedgesLeft(leafOf({}), new HedgesView(record))).toBe(3);
});

test("a look that has not seen the hedges of another one notes nothing", () => {
  const first = applyUpdate(null, noteHedges(LEAF, [101], NO_HEDGES, 100));
  expect(applyUpdate(first.record, noteHedges(LEAF, [102], NO_HEDGES, 100)).applied).toBe(false);
  const second = applyUpdate(first.record, noteHedges(LEAF, [102], new HedgesView(first.record), 100));
  expect(second).toMatchObject({ applied: true, record: { "1": true, "2": true, count: 2 } });
});

test("another look may find more while the batch is planned or paused", () => {
  expect(mayHedgeLater({ generation: 0 }, 0)).toBe(true);
  expect(mayHedgeLater({ ...RUNNING, paused: 5 }, 0)).toBe(true);
  expect(mayHedgeLater(RUNNING, 0)).toBe(false);
  expect(mayHedgeLater({ generation: 0, ending: "cancel" }, 0)).toBe(false);
});

describe("the messages", () => {
  const range = { batch: "b", generation: 0, chunk: 3, attempt: 1, source: 0, start: 1, end: 2 };
  const look = { kind: "stragglers", node: LEAF, attempt: 1, delayMs: 10_000 };

  test("of a hedge and of a look are read, and are dropped where they fail", () => {
    const hedge = parseMessage({ kind: "hedge", ...range, look: true });
    expect(hedge).toMatchObject({ kind: "hedge", chunk: 3 });
    expect(parseMessage(look)).toEqual(look);
    expect([hedge, parseMessage(look)].map((message) => message && isOptional(message))).toEqual([
      true,
      true,
    ]);
    const first = parseMessage({ kind: "chunk", ...range });
    expect(first && isOptional(first)).toBe(false);
  });

  test("of another shape are not", () => {
    expect(parseMessage({ ...look, delayMs: -1 })).toBeNull();
    expect(parseMessage({ ...look, node: null })).toBeNull();
    expect(parseMessage({ kind: "hedge", ...range, start: "1" })).toBeNull();
  });
});
