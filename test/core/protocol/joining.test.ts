/** The single steps of a join. The explorer runs them in every order. */
import { describe, expect, test } from "vitest";
import { createProtocol } from "../../../src/core/protocol/protocol.ts";
import type { Task } from "../../../src/core/protocol/task.ts";
import { create } from "../../../src/core/records/record.ts";
import type { Fields } from "../../../src/core/records/record.ts";
import { NO_TOTALS } from "../../../src/core/records/totals.ts";
import type { NodeId } from "../../../src/core/records/tree.ts";

const protocol = createProtocol(2);
const nodeAt = (level: number, index: number): NodeId => ({ batch: "b", generation: 0, level, index });
const RUNNING: Fields = { generation: 0 };
const ENDED: Fields = { generation: 0, endedAt: 9 };
const NEXT_GENERATION: Fields = { generation: 1 };
const JOINED = { totals: NO_TOTALS, result: null, error: null };
const mergeOf = (node: NodeId): Task => ({
  do: "send",
  queue: "join",
  messages: [{ kind: "merge", node, attempt: 1 }],
});

describe("a join reads its node, its batch and the parent, and", () => {
  const node = nodeAt(1, 3);
  const parent = nodeAt(2, 1);
  const read: Task = { do: "read-node", node };
  const full: Fields = { 0: "t0", 1: "-", settled: 2, chunks: 2 };
  const follow = (batch: Fields, fields: Fields | null, above: Fields | null): readonly Task[] =>
    protocol.follow(read, [batch, fields, above]);

  test("merges a full node", () => {
    expect(follow(RUNNING, full, null)).toEqual([{ do: "merge", node, fields: full, batch: RUNNING }]);
    expect(follow(RUNNING, full, { 0: "t2", settled: 1 })).toMatchObject([{ do: "merge" }]);
  });

  test("merges a sealed node, full or not", () => {
    const sealed: Fields = { 1: "t1", settled: 1, sealed: true };
    expect(follow(RUNNING, sealed, null)).toMatchObject([{ do: "merge", fields: sealed }]);
  });

  test("does nothing for a node that is missing, or neither full nor sealed", () => {
    expect(follow(RUNNING, { 0: "t0", settled: 1 }, null)).toEqual([]);
    expect(follow(RUNNING, null, null)).toEqual([]);
  });

  test("does nothing for a batch that has ended or is in another generation", () => {
    expect(follow(ENDED, full, null)).toEqual([]);
    expect(follow(NEXT_GENERATION, full, null)).toEqual([]);
  });

  test("takes the parent's next step if the parent has the node's tag already", () => {
    expect(follow(RUNNING, full, { 0: "t2", 1: "t3", settled: 2 })).toEqual([mergeOf(parent)]);
    expect(follow(RUNNING, full, { 1: "t3", settled: 1 })).toEqual([]);
  });

  test("merges a root, whatever the record of its parent says", () => {
    const root: Fields = { ...full, root: true };
    expect(follow(RUNNING, root, { 1: "t3", settled: 1 })).toMatchObject([{ do: "merge" }]);
  });

  test("settles a node that left nothing to merge, without a merge, under its first child's tag", () => {
    const empty: Fields = { 0: "-a", 1: "-b", settled: 2, chunks: 2, succeeded: 7 };
    const totals = { ...NO_TOTALS, chunks: 2, succeeded: 7 };
    expect(follow(RUNNING, empty, null)).toEqual([
      { do: "settle", node: parent, done: [{ child: 1, totals }], tag: "-a", counted: true },
    ]);
    expect(follow(RUNNING, { 1: "-b", settled: 1, sealed: true }, null)).toMatchObject([{ tag: "-b" }]);
    expect(follow(RUNNING, { sealed: true }, null)).toMatchObject([{ do: "settle", tag: "-" }]);
  });

  test("merges an empty root: the result has to be written", () => {
    expect(follow(RUNNING, { root: true, expects: 0 }, null)).toMatchObject([{ do: "merge" }]);
  });
});

describe("a merge", () => {
  const node = nodeAt(0, 3);
  const fields: Fields = { 0: "t0", 1: "t1", settled: 2, chunks: 2, failed: 1 };
  const merge: Task = { do: "merge", node, fields, batch: RUNNING };
  const settle: Task = {
    do: "settle",
    node: nodeAt(1, 1),
    done: [{ child: 1, totals: { ...NO_TOTALS, chunks: 2, failed: 1 } }],
    tag: "t",
    counted: true,
  };

  test("keeps its partial before the node is settled in its parent", () => {
    const keep = create("partial/t", {});
    expect(protocol.follow(merge, { tag: "t", keep, joined: JOINED, at: 5 })).toEqual([
      { do: "keep", keep, then: [settle], otherwise: merge },
    ]);
  });

  test("settles at once where there is nothing to keep in the ledger", () => {
    expect(protocol.follow(merge, { tag: "t", keep: null, joined: JOINED, at: 5 })).toEqual([settle]);
  });

  test("of the root commits the batch", () => {
    const root: Task = { ...merge, fields: { ...fields, root: true } };
    expect(protocol.follow(root, { tag: "t", keep: null, joined: JOINED, at: 5 })).toEqual([
      { do: "commit", batch: "b", record: RUNNING, joined: JOINED, at: 5 },
    ]);
  });
});

describe("a commit", () => {
  const commit: Task = { do: "commit", batch: "b", record: RUNNING, joined: JOINED, at: 5 };

  test("that was applied is the end", () => {
    expect(protocol.follow(commit, { applied: true, record: { ...RUNNING, endedAt: 5 } })).toEqual([]);
    expect(protocol.follow(commit, { applied: true, record: RUNNING })).toEqual([]);
  });

  test("that was refused because the batch was asked to end is tried again with the new record", () => {
    const asked: Fields = { ...RUNNING, ending: "cancel" };
    expect(protocol.follow(commit, { applied: false, record: asked })).toEqual([
      { ...commit, record: asked },
    ]);
  });

  test("that was refused because the batch has ended, is gone or was redriven is given up", () => {
    expect(protocol.follow(commit, { applied: false, record: ENDED })).toEqual([]);
    expect(protocol.follow(commit, { applied: false, record: null })).toEqual([]);
    expect(protocol.follow(commit, { applied: false, record: NEXT_GENERATION })).toEqual([]);
  });
});

describe("a seal", () => {
  const follow = (node: NodeId, batch: Fields, fields: Fields | null): readonly Task[] =>
    protocol.follow({ do: "descend", node }, [batch, fields]);

  test("of an upper node goes down to the children that are not settled", () => {
    const sealOf = (index: number) => ({ kind: "seal", node: nodeAt(1, index), attempt: 1 }) as const;
    expect(follow(nodeAt(2, 3), RUNNING, { 0: "t0", settled: 1 })).toEqual([
      { do: "send", queue: "join", messages: [sealOf(7)] },
    ]);
    expect(follow(nodeAt(2, 3), RUNNING, null)).toEqual([
      { do: "send", queue: "join", messages: [sealOf(6), sealOf(7)] },
    ]);
  });

  test("of a full node takes the node's next step", () => {
    expect(follow(nodeAt(1, 0), RUNNING, { 0: "t0", 1: "t1", settled: 2 })).toEqual([mergeOf(nodeAt(1, 0))]);
  });

  test("of a leaf makes it final and joins it", () => {
    const leaf = nodeAt(0, 4);
    const seal: Task = { do: "seal", node: leaf };
    expect(follow(leaf, RUNNING, { 0: "t0", 1: "t1", settled: 2 })).toEqual([seal]);
    expect(protocol.effectOf(seal)).toMatchObject({
      kind: "update",
      update: { key: "node/b/0/0/00000004", when: [], set: { sealed: true }, add: {} },
    });
    expect(protocol.follow(seal, { applied: true, record: { sealed: true } })).toEqual([
      { do: "read-node", node: leaf },
    ]);
  });

  test("does nothing for a batch that has ended or is in another generation", () => {
    expect(follow(nodeAt(0, 0), ENDED, null)).toEqual([]);
    expect(follow(nodeAt(0, 0), NEXT_GENERATION, null)).toEqual([]);
  });
});
