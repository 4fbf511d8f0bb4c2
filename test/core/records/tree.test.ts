import { describe, expect, test } from "vitest";
import { applyUpdate } from "../../../src/core/records/record.ts";
import type { Fields } from "../../../src/core/records/record.ts";
import {
  FAN_IN,
  NodeView,
  close,
  layOver,
  namesNothing,
  nodeKey,
  parentOf,
  rightEdge,
  seal,
  settle,
} from "../../../src/core/records/tree.ts";
import { NO_TOTALS } from "../../../src/core/records/totals.ts";
import type { NodeId } from "../../../src/core/records/tree.ts";
import { sizeInDynamoDB } from "./size.ts";

const leaf = (index: number): NodeId => ({ batch: "b", generation: 0, level: 0, index });

describe("a node", () => {
  const apply = (record: Fields | null, ...updates: Parameters<typeof applyUpdate>[1][]): boolean[] => {
    let at = record;
    return updates.map((update) => {
      const reply = applyUpdate(at, update);
      at = reply.record;
      return reply.applied;
    });
  };

  test("refuses a child twice, a group with such a child, and a child beyond its edge", () => {
    const first = settle(leaf(0), [0], "a", NO_TOTALS);
    expect(apply(null, first, first, settle(leaf(0), [1, 0], "b", NO_TOTALS))).toEqual([true, false, false]);
    const beyond = settle(leaf(0), [0, 3], "a", NO_TOTALS);
    expect(apply(null, close(leaf(0), 3, true), beyond, settle(leaf(0), [2], "a", NO_TOTALS))).toEqual([
      true,
      false,
      true,
    ]);
  });

  test("refuses every child after it was sealed", () => {
    expect(apply(null, seal(leaf(0)), settle(leaf(0), [0], "a", NO_TOTALS))).toEqual([true, false]);
  });

  test("has nothing to merge if no tag of its children names a partial", () => {
    const view = (fields: Fields): NodeView => new NodeView({ expects: 2, ...fields }, FAN_IN);
    expect(view({}).empty).toBe(true);
    expect(view({ 0: "-a", 1: "-b" }).empty).toBe(true);
    expect(view({ 0: "-a", 1: "b" }).empty).toBe(false);
    expect(view({ 1: "b" }).tags()).toEqual([null, "b"]);
    expect([namesNothing("-a"), namesNothing("a-")]).toEqual([true, false]);
  });

  test("has a key that sorts in the order of the tree", () => {
    const keys = [9, 10, 99, 100, 12_345_678].map((index) => nodeKey(leaf(index)));
    expect(keys.toSorted()).toEqual(keys);
    expect(nodeKey(parentOf(leaf(250), FAN_IN))).toBe("node/b/0/1/00000002");
  });

  test("fits into a write unit of 1 KB when it is full, with the longest tags and large totals", () => {
    const node = { batch: "01K5ZZZZZZZZZZZZZZZZZZZZZZ", generation: 0, level: 0, index: 99_999_999 };
    const totals = {
      chunks: 99_999_999,
      lost: 99_999,
      broken: 99_999,
      succeeded: 999_999_999_999,
      failed: 99_999_999,
      units: 999_999_999_999_999,
      ms: 99_999_999_999,
    };
    const children = Array.from({ length: FAN_IN }, (_, child) => child);
    const closed = applyUpdate(null, close(node, FAN_IN, true)).record;
    const full = applyUpdate(closed, settle(node, children, "abcdefg", totals));
    expect(full.applied).toBe(true);
    expect(new NodeView(full.record, FAN_IN).full).toBe(true);
    expect(sizeInDynamoDB(nodeKey(node), full.record ?? {})).toBeLessThanOrEqual(1024);
    // Only leaves are sealed. They have a hundred chunks, and no lost ones below them.
    const ofLeaf = { ...totals, chunks: FAN_IN, lost: 0, broken: FAN_IN, succeeded: 9_999_999_999 };
    const fullLeaf = applyUpdate(closed, settle(node, children, "abcdefg", ofLeaf)).record;
    const sealed = applyUpdate(fullLeaf, seal(node)).record ?? {};
    expect(sizeInDynamoDB(nodeKey(node), sealed)).toBeLessThanOrEqual(1024);
    const over = layOver(
      { ...node, generation: 99 },
      { over: 98, views: [new NodeView(full.record, FAN_IN)] },
      new Set(children),
    );
    const changed = { ...totals, chunks: 0, lost: -99_999, broken: -99_999, failed: -99_999_999, units: 0 };
    const redone = applyUpdate(applyUpdate(null, over).record, settle(node, children, "abcdefg", changed));
    expect(sizeInDynamoDB(over.key, redone.record ?? {})).toBeLessThanOrEqual(1024);
  });
});

describe("a node of a redrive", () => {
  const below = (fields: Fields): NodeView => new NodeView(fields, 4);
  const lay = (redo: number[], ...views: NodeView[]): Fields =>
    layOver({ ...leaf(0), generation: 2 }, { over: 1, views }, new Set(redo)).set;

  test("has the tags of children that are not redone, and counts from zero", () => {
    const closed = below({ "0": "a", "1": "b", "2": "c", expects: 3, root: true, settled: 3, failed: 9 });
    expect(lay([1], closed)).toEqual({ "0": "a", "2": "c", over: 1, expects: 3, root: true, settled: 2 });
  });

  test("on the edge of a plan that goes on stays open, and knows which children are new", () => {
    const closed = below({ "0": "a", "1": "b", "2": "c", expects: 3, root: true, settled: 3 });
    const node = { ...leaf(0), generation: 2 };
    const open = layOver(node, { over: 1, views: [closed] }, new Set([1]), true).set;
    expect(open).toEqual({ "0": "a", "2": "c", over: 1, from: 3, settled: 2 });
    // Child 1 stays as it is below. Child 3 is new: without a tag it is lost.
    expect(below({ ...open, expects: 4, sealed: true }).totals().lost).toBe(1);
    expect(below({ ...open, "3": "d", expects: 4, sealed: true }).totals().lost).toBe(0);
    expect(below({ ...open, expects: 3, sealed: true }).totals().lost).toBe(0);
  });

  test("gives the tag - to children that were left out and are not redone", () => {
    const fields = lay([0], below({ "1": "b", expects: 3, settled: 1, sealed: true }));
    expect(fields).toEqual({ "1": "b", "2": "-", over: 1, expects: 3, settled: 2 });
  });

  test("takes tags from below a redrive that was sealed early", () => {
    const first = below({ "0": "a", "1": "b", expects: 2, settled: 2 });
    const sealed = below({ "1": "z", expects: 2, settled: 1, sealed: true, over: 0 });
    expect(lay([1], sealed, first)).toEqual({ "0": "a", over: 1, expects: 2, settled: 1 });
  });

  test("adds differences to its parent; children that were not redone in time are as before, not lost", () => {
    const sealed = below({ "1": "z", settled: 1, sealed: true, over: 0, succeeded: 2, failed: -2 });
    expect(sealed.totals()).toEqual({ ...NO_TOTALS, succeeded: 2, failed: -2 });
    expect([sealed.final, sealed.empty]).toEqual([true, false]);
  });
});

test("the right edge is the last node of each level, up to the first level with one node", () => {
  for (const fanIn of [2, 3, 4, 7, 10, FAN_IN]) {
    for (let chunks = 0; chunks <= 1_200; chunks++) {
      let children = Array.from({ length: chunks }, (_, chunk) => chunk);
      const expected = [];
      for (let level = 0; ; level++) {
        const nodes = Map.groupBy(children, (child) => Math.floor(child / fanIn));
        const index = Math.max(0, nodes.size - 1);
        expected.push({ level, index, expects: nodes.get(index)?.length ?? 0, root: nodes.size <= 1 });
        if (nodes.size <= 1) break;
        children = [...nodes.keys()];
      }
      expect(rightEdge(chunks, fanIn)).toEqual(expected);
    }
  }
});
