/** Positions and failed chunks out of the records of a closed tree. */
import { expect, test } from "vitest";
import type { Contribution, Contributions } from "../../../src/core/records/contribution.ts";
import { partialKey } from "../../../src/core/records/contribution.ts";
import type { Fields } from "../../../src/core/records/record.ts";
import { nodeKey } from "../../../src/core/records/tree.ts";
import { memoryStore } from "../../../src/testing/memory/store.ts";
import { ReadTree } from "../../../src/steps/pulling/closed-tree.ts";

const BATCH = "01B";

function contribution(items: number, lines: number, anchored = false, failed = false): Contribution {
  const span = { items, lines, anchored };
  return { span, ...(failed ? { failed: [{ piece: { text: "" }, base: span }] } : {}) };
}

/** A tree of generation 0: `leaves` are the tags of their children, `bodies` the contributions by tag. */
function tree(
  chunks: number,
  nodes: readonly { readonly level: number; readonly index: number; readonly fields: Fields }[],
  bodies: { readonly [tag: string]: Contributions },
): ReadTree {
  const records = new Map<string, Fields>();
  for (const { level, index, fields } of nodes)
    records.set(nodeKey({ batch: BATCH, generation: 0, level, index }), fields);
  for (const [tag, body] of Object.entries(bodies))
    records.set(partialKey(BATCH, tag), { text: JSON.stringify(body) });
  const ledger = { read: async (keys: readonly string[]) => keys.map((key) => records.get(key) ?? null) };
  return new ReadTree({ ledger, store: memoryStore() }, BATCH, { closed: [0], chunks });
}

test("what came before a chunk is the sum of its neighbours to the left, back to the beginning of its source", async () => {
  const fields = { expects: 4, settled: 4, root: true, "0": "a", "1": "a", "2": "b", "3": "b" };
  const found = tree(4, [{ level: 0, index: 0, fields }], {
    a: { 0: contribution(5, 6, true), 1: contribution(7, 7) },
    b: { 2: contribution(2, 3, true), 3: contribution(1, 1) },
  });
  expect(await found.before(1)).toEqual({ items: 5, lines: 6, anchored: true });
  expect(await found.before(2)).toEqual({ items: 12, lines: 13, anchored: true });
  expect(await found.before(3)).toEqual({ items: 2, lines: 3, anchored: true });
});

test("after a chunk that was left out, or was given up, the position is unknown", async () => {
  const fields = { expects: 4, settled: 4, root: true, "0": "a", "1": "-", "2": "b", "3": "b" };
  const gap = { span: { items: null, lines: null, anchored: false }, broken: true } as const;
  const found = tree(4, [{ level: 0, index: 0, fields }], {
    a: { 0: contribution(5, 6, true) },
    b: { 2: gap, 3: contribution(1, 1) },
  });
  expect(await found.before(2)).toMatchObject({ items: null, lines: null });
  expect(await found.before(3)).toMatchObject({ items: null, lines: null });
});

test("whole leaves to the left count by the contribution of their node; a child that adds nothing adds no items", async () => {
  const leaf = { expects: 2, settled: 2, "0": "b", "1": "-none" };
  const root = { expects: 2, settled: 2, root: true, "0": "r", "1": "s" };
  const found = tree(
    102,
    [
      { level: 0, index: 1, fields: leaf },
      { level: 1, index: 0, fields: root },
    ],
    { b: { 100: contribution(2, 2) }, r: { 0: contribution(1000, 1001, true) } },
  );
  expect(await found.before(101)).toEqual({ items: 1002, lines: 1003, anchored: true });
});

test("failed chunks are searched in a number of leaves, and the search goes on from where it stopped", async () => {
  const failing = { expects: 100, settled: 100, failed: 2, ...tags("f") };
  const fine = { expects: 100, settled: 100, ...tags("f") };
  const none = contribution(1, 1);
  const bad = contribution(1, 1, false, true);
  const body = (first: number): Contributions =>
    Object.fromEntries(Array.from({ length: 100 }, (_, n) => [first + n, n === 3 || n === 50 ? bad : none]));
  const found = tree(
    300,
    [
      { level: 0, index: 0, fields: failing },
      { level: 0, index: 1, fields: fine },
      { level: 0, index: 2, fields: failing },
    ],
    { f: { ...body(0), ...body(200) } },
  );
  expect(await found.failed(0, { chunks: 9, leaves: 1 })).toEqual({ found: [3, 50], next: 100 });
  expect(await found.failed(100, { chunks: 9, leaves: 1 })).toEqual({ found: [], next: 200 });
  expect(await found.failed(200, { chunks: 9, leaves: 1 })).toEqual({ found: [203, 250], next: null });
  expect(await found.failed(0, { chunks: 3, leaves: 9 })).toEqual({ found: [3, 50, 203], next: 250 });
  expect(await found.failed(250, { chunks: 3, leaves: 9 })).toEqual({ found: [250], next: null });
});

function tags(tag: string): Fields {
  return Object.fromEntries(Array.from({ length: 100 }, (_, child) => [child.toString(36), tag]));
}
