/** The totals of a tree: the same in every order, grouping and duplication of the settles. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createProtocol } from "../../../src/core/protocol/protocol.ts";
import type { Reply, Task } from "../../../src/core/protocol/task.ts";
import { applyUpdate } from "../../../src/core/records/record.ts";
import type { Fields } from "../../../src/core/records/record.ts";
import { FAN_IN, NodeView, leafOf, nodeKey, rightEdge } from "../../../src/core/records/tree.ts";
import { NO_TOTALS, addTotals } from "../../../src/core/records/totals.ts";
import type { NodeId } from "../../../src/core/records/tree.ts";
import type { Totals } from "../../../src/core/records/totals.ts";

const leaf = (index: number): NodeId => ({ batch: "b", generation: 0, level: 0, index });

/** Totals that differ for nearly all sets of chunks: mostly powers of two. */
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
 * A ledger, on which tasks run until none is left, as in `steps/run-protocol.ts`. Chunks leave nothing to
 * merge, so settles go up the tree without joins.
 */
class Tree {
  readonly records = new Map<string, Fields>();
  /** How often a task saw that the root is full or sealed. */
  rootJoins = 0;
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
      this.rootJoins++;
      return null;
    }
    const joined = { totals: NO_TOTALS, result: null, error: null };
    return { tag: "root", keep: null, joined, at: 0 };
  }

  /** Settles chunks as one attempt. Chunks of one leaf are settled together. */
  settle(chunks: readonly number[], tag: string): void {
    for (const [index, group] of Map.groupBy(new Set(chunks), (chunk) => leafOf(chunk, this.#fanIn))) {
      const done = group.map((chunk) => ({ child: chunk % this.#fanIn, totals: totalsOf(chunk) }));
      this.run({ do: "settle", node: leaf(index), done, tag });
    }
  }

  close(chunks: number): void {
    this.run({ do: "close", batch: "b", end: { end: chunks, short: false, generation: 0 }, level: 0 });
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

/** The settles of all chunks, in random groups and orders, many of them more than once. */
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
  test("has the same totals in every order, grouping and duplication of settles", () => {
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
        expect(tree.rootJoins).toBeGreaterThan(0);
      }),
    );
  });

  test("counts chunks that were settled before their leaf was sealed, and all others as lost", () => {
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

  test("is exact with a fan-in of 100 too", () => {
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
