import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createProtocol } from "../../../src/core/protocol/protocol.ts";
import type { Reply, Task } from "../../../src/core/protocol/task.ts";
import { applyUpdate } from "../../../src/core/records/record.ts";
import type { Fields } from "../../../src/core/records/record.ts";
import {
  addTotals,
  close,
  FAN_IN,
  layOver,
  leafOf,
  namesNothing,
  nodeKey,
  NO_TOTALS,
  NodeView,
  parentOf,
  rightEdge,
  seal,
  settle,
} from "../../../src/core/records/tree.ts";
import type { NodeId, Totals } from "../../../src/core/records/tree.ts";
import { sizeInDynamoDB } from "./size.ts";

const leaf = (index: number): NodeId => ({ batch: "b", generation: 0, level: 0, index });

/** Totals that no two sets of chunks have in common by chance: powers of two while they last. */
const totalsOf = (chunk: number): Totals => ({
  ...NO_TOTALS,
  chunks: 1,
  succeeded: 2 ** (chunk % 40),
  failed: chunk % 3,
  units: chunk * chunk + 1,
  ms: chunk,
});

const sumOf = (chunks: Iterable<number>): Totals => {
  let sum = NO_TOTALS;
  for (const chunk of chunks) sum = addTotals(sum, totalsOf(chunk));
  return sum;
};

/**
 * A ledger, and tasks run on it to exhaustion as `steps/perform.ts` does. Chunks leave nothing to merge, so
 * that settles travel up by themselves.
 */
class Tree {
  readonly records = new Map<string, Fields>();
  /** How often somebody saw that the root is full or sealed. */
  rootSeen = 0;
  readonly #fanIn: number;
  readonly #protocol: ReturnType<typeof createProtocol>;

  constructor(fanIn: number) {
    this.#fanIn = fanIn;
    this.#protocol = createProtocol(fanIn);
  }

  run(first: Task): void {
    const tasks = [first];
    for (let task = tasks.shift(); task; task = tasks.shift()) {
      tasks.unshift(...this.#protocol.follow(task, this.#answer(task)));
    }
  }

  #answer(task: Task): Reply {
    const effect = this.#protocol.effectOf(task);
    if (effect.kind === "update") {
      const reply = applyUpdate(this.records.get(effect.update.key) ?? null, effect.update);
      if (reply.applied) this.records.set(effect.update.key, reply.record);
      return reply;
    }
    if (effect.kind === "read") return effect.keys.map((key) => this.records.get(key) ?? { batch: true });
    if (effect.kind === "send") {
      this.rootSeen++;
      return null;
    }
    const joined = { totals: NO_TOTALS, result: null, error: null };
    return { tag: "root", keep: null, joined, at: 0 };
  }

  /** Settles chunks of any leaves by one attempt, those of a leaf together. */
  settle(chunks: readonly number[], tag: string): void {
    for (const [index, group] of Map.groupBy(new Set(chunks), (chunk) => leafOf(chunk, this.#fanIn))) {
      const done = group.map((chunk) => ({ child: chunk % this.#fanIn, totals: totalsOf(chunk) }));
      this.run({ do: "settle", node: leaf(index), done, tag });
    }
  }

  close(chunks: number): void {
    this.run({ do: "close", batch: "b", chunks, level: 0 });
  }

  seal(index: number): void {
    this.run({ do: "seal", node: leaf(index) });
  }

  view(node: NodeId): NodeView {
    return new NodeView(this.records.get(nodeKey(node)) ?? null, this.#fanIn);
  }

  root(chunks: number): NodeView {
    return this.view({ ...leaf(0), level: rightEdge(chunks, this.#fanIn).length - 1 });
  }
}

/** Settles in random groups and orders, many of them more than once, by attempts of their own. */
const settles = (chunks: number): fc.Arbitrary<number[][]> => {
  if (chunks === 0) return fc.constant([]);
  const group = fc.array(fc.nat(chunks - 1), { minLength: 1, maxLength: 10 });
  const all = Array.from({ length: chunks }, (_, chunk) => [chunk]);
  return fc
    .array(group, { maxLength: chunks })
    .chain((groups) => fc.shuffledSubarray([...groups, ...all], { minLength: groups.length + chunks }));
};

const trees = (maxFanIn: number, maxChunks: number) =>
  fc
    .record({ fanIn: fc.integer({ min: 2, max: maxFanIn }), chunks: fc.nat(maxChunks) })
    .chain(({ fanIn, chunks }) =>
      fc.record({
        fanIn: fc.constant(fanIn),
        chunks: fc.constant(chunks),
        order: settles(chunks),
        closedAfter: fc.nat(chunks),
        seals: fc.array(fc.tuple(fc.nat(chunks), fc.nat(Math.max(0, leafOf(chunks - 1, fanIn)))), {
          maxLength: 4,
        }),
      }),
    );

describe("a tree", () => {
  test("comes to the same totals in every order, grouping and duplication", () => {
    fc.assert(
      fc.property(trees(5, 60), ({ fanIn, chunks, order, closedAfter }) => {
        const tree = new Tree(fanIn);
        for (const [turn, group] of order.entries()) {
          if (turn === closedAfter) tree.close(chunks);
          tree.settle(group, `-${turn}`);
        }
        tree.close(chunks);
        const root = tree.root(chunks);
        expect(root.totals()).toEqual(sumOf(Array(chunks).keys()));
        expect(root).toMatchObject({ root: true, full: true, final: true });
        expect(tree.rootSeen).toBeGreaterThan(0);
      }),
    );
  });

  test("counts what was settled before its leaf was sealed, and the rest as lost", () => {
    fc.assert(
      fc.property(trees(4, 40), ({ fanIn, chunks, order, seals }) => {
        const tree = new Tree(fanIn);
        tree.close(chunks);
        const sealed = new Set<number>();
        const counted = new Set<number>();
        for (const [turn, group] of order.entries()) {
          for (const [, index] of seals.filter(([when]) => when === turn)) {
            tree.seal(index);
            sealed.add(index);
          }
          tree.settle(group, `-${turn}`);
          for (const chunk of group) if (!sealed.has(leafOf(chunk, fanIn))) counted.add(chunk);
        }
        expect(tree.root(chunks).totals()).toEqual({ ...sumOf(counted), lost: chunks - counted.size });
      }),
    );
  });

  test("is exact with the fan-in of 100 too", () => {
    fc.assert(
      fc.property(trees(2, 2_500), ({ chunks, order, closedAfter }) => {
        const tree = new Tree(FAN_IN);
        for (const [turn, group] of order.entries()) {
          if (turn === closedAfter) tree.close(chunks);
          tree.settle(group, `-${turn}`);
        }
        tree.close(chunks);
        expect(tree.root(chunks).totals()).toEqual(sumOf(Array(chunks).keys()));
      }),
      { numRuns: 10 },
    );
  });
});

describe("a node", () => {
  const apply = (record: Fields | null, ...updates: Parameters<typeof applyUpdate>[1][]): boolean[] => {
    let at = record;
    return updates.map((update) => {
      const reply = applyUpdate(at, update);
      at = reply.record;
      return reply.applied;
    });
  };

  test("refuses a child twice, a group with such a child, and a child beyond what it expects", () => {
    const first = settle(leaf(0), [0], "a", NO_TOTALS);
    expect(apply(null, first, first, settle(leaf(0), [1, 0], "b", NO_TOTALS))).toEqual([true, false, false]);
    const beyond = settle(leaf(0), [0, 3], "a", NO_TOTALS);
    expect(apply(null, close(leaf(0), 3, true), beyond, settle(leaf(0), [2], "a", NO_TOTALS))).toEqual([
      true,
      false,
      true,
    ]);
  });

  test("refuses every child once it is sealed", () => {
    expect(apply(null, seal(leaf(0)), settle(leaf(0), [0], "a", NO_TOTALS))).toEqual([true, false]);
  });

  test("has nothing to merge if all that its children's tags name is nothing", () => {
    const view = (fields: Fields): NodeView => new NodeView({ expects: 2, ...fields }, FAN_IN);
    expect(view({}).empty).toBe(true);
    expect(view({ 0: "-a", 1: "-b" }).empty).toBe(true);
    expect(view({ 0: "-a", 1: "b" }).empty).toBe(false);
    expect(view({ 1: "b" }).tags()).toEqual([null, "b"]);
    expect([namesNothing("-a"), namesNothing("a-")]).toEqual([true, false]);
  });

  test("has its key in the order of the tree", () => {
    const keys = [9, 10, 99, 100, 12_345_678].map((index) => nodeKey(leaf(index)));
    expect(keys.toSorted()).toEqual(keys);
    expect(nodeKey(parentOf(leaf(250), FAN_IN))).toBe("node/b/0/1/00000002");
  });

  test("stays under the write unit of 1 KB when it is full, with the longest tags and great totals", () => {
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
    const places = Array.from({ length: FAN_IN }, (_, place) => place);
    const closed = applyUpdate(null, close(node, FAN_IN, true)).record;
    const full = applyUpdate(closed, settle(node, places, "abcdefg", totals));
    expect(full.applied).toBe(true);
    expect(new NodeView(full.record, FAN_IN).full).toBe(true);
    expect(sizeInDynamoDB(nodeKey(node), full.record ?? {})).toBeLessThanOrEqual(1024);
    // Only leaves are sealed: they have a hundred chunks, and no lost ones below them.
    const ofLeaf = { ...totals, chunks: FAN_IN, lost: 0, broken: FAN_IN, succeeded: 9_999_999_999 };
    const fullLeaf = applyUpdate(closed, settle(node, places, "abcdefg", ofLeaf)).record;
    const sealed = applyUpdate(fullLeaf, seal(node)).record ?? {};
    expect(sizeInDynamoDB(nodeKey(node), sealed)).toBeLessThanOrEqual(1024);
    const over = layOver(
      { ...node, generation: 99 },
      98,
      [new NodeView(full.record, FAN_IN)],
      new Set(places),
    );
    const changed = { ...totals, chunks: 0, lost: -99_999, broken: -99_999, failed: -99_999_999, units: 0 };
    const redone = applyUpdate(applyUpdate(null, over).record, settle(node, places, "abcdefg", changed));
    expect(sizeInDynamoDB(over.key, redone.record ?? {})).toBeLessThanOrEqual(1024);
  });
});

describe("a node of a redrive", () => {
  const below = (fields: Fields): NodeView => new NodeView(fields, 4);
  const lay = (redo: number[], ...closed: NodeView[]): Fields =>
    layOver({ ...leaf(0), generation: 2 }, 1, closed, new Set(redo)).set;

  test("has the tags of what is not redone, and counts from zero", () => {
    const closed = below({ "0": "a", "1": "b", "2": "c", expects: 3, root: true, settled: 3, failed: 9 });
    expect(lay([1], closed)).toEqual({ "0": "a", "2": "c", over: 1, expects: 3, root: true, settled: 2 });
  });

  test("leaves out for good what was left out and is not redone", () => {
    const fields = lay([0], below({ "1": "b", expects: 3, settled: 1, sealed: true }));
    expect(fields).toEqual({ "1": "b", "2": "-", over: 1, expects: 3, settled: 2 });
  });

  test("looks below a redrive that was sealed before it came to all", () => {
    const first = below({ "0": "a", "1": "b", expects: 2, settled: 2 });
    const sealed = below({ "1": "z", expects: 2, settled: 1, sealed: true, over: 0 });
    expect(lay([1], sealed, first)).toEqual({ "0": "a", over: 1, expects: 2, settled: 1 });
  });

  test("passes on what has changed: what it did not come to is as it was, not lost", () => {
    const sealed = below({ "1": "z", settled: 1, sealed: true, over: 0, succeeded: 2, failed: -2 });
    expect(sealed.totals()).toEqual({ ...NO_TOTALS, succeeded: 2, failed: -2 });
    expect([sealed.final, sealed.empty]).toEqual([true, false]);
  });
});

test("the right edge is the last node of each level, up to the first that is alone", () => {
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
