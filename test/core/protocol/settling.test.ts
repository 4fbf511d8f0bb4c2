/** The single steps of settling, with each kind of refusal. The explorer runs them in every order. */
import { describe, expect, test } from "vitest";
import { createProtocol } from "../../../src/core/protocol/protocol.ts";
import type { Task } from "../../../src/core/protocol/task.ts";
import type { ChunkMessage } from "../../../src/core/records/message.ts";
import type { Fields } from "../../../src/core/records/record.ts";
import { NO_TOTALS } from "../../../src/core/records/totals.ts";
import type { NodeId } from "../../../src/core/records/tree.ts";

const protocol = createProtocol(2);
const nodeAt = (level: number, index: number): NodeId => ({ batch: "b", generation: 0, level, index });
const NODE = nodeAt(0, 3);
const mergeOf = (node: NodeId): Task => ({
  do: "send",
  queue: "join",
  messages: [{ kind: "merge", node, attempt: 1 }],
});
const doneOf = (child: number) => ({ child, totals: { ...NO_TOTALS, chunks: 1, ms: child + 1 } });
const settleOf = (...children: readonly number[]): Task => ({
  do: "settle",
  node: NODE,
  done: children.map(doneOf),
  tag: "mine",
});
const FULL: Fields = { 0: "mine", 1: "other", settled: 2 };

describe("a settle", () => {
  const refused = (task: Task, record: Fields): readonly Task[] =>
    protocol.follow(task, { applied: false, record });

  test("counts its children and their totals in one update", () => {
    expect(protocol.effectOf(settleOf(0, 1))).toMatchObject({
      kind: "update",
      update: { set: { 0: "mine", 1: "mine" }, add: { settled: 2, chunks: 2, ms: 3 } },
    });
  });

  test("sends the node's join only if it fills the node", () => {
    expect(protocol.follow(settleOf(0), { applied: true, record: FULL })).toEqual([mergeOf(NODE)]);
    expect(protocol.follow(settleOf(0), { applied: true, record: { 0: "mine", settled: 1 } })).toEqual([]);
  });

  test("whose reply was lost takes the full node's next step", () => {
    expect(refused(settleOf(0), FULL)).toEqual([mergeOf(NODE)]);
    const both: Fields = { 0: "mine", 1: "mine", settled: 2 };
    expect(refused(settleOf(0, 1), both)).toEqual([mergeOf(NODE)]);
    expect(refused(settleOf(0, 1), { ...both, sealed: true })).toEqual([mergeOf(NODE)]);
  });

  test("that is refused by a sealed node counts nothing", () => {
    expect(refused(settleOf(1), { 0: "other", settled: 1, sealed: true })).toEqual([]);
    expect(refused(settleOf(0, 1), { 0: "other", settled: 1, sealed: true })).toEqual([]);
  });

  test("of several children, refused for one of them, settles each by itself", () => {
    expect(refused(settleOf(0, 1), { 0: "other", settled: 1 })).toEqual([settleOf(0), settleOf(1)]);
    expect(refused(settleOf(0, 1), FULL)).toEqual([settleOf(0), settleOf(1)]);
  });

  test("of one child that another attempt settled takes a full node's next step", () => {
    expect(refused(settleOf(1), FULL)).toEqual([mergeOf(NODE)]);
    expect(refused(settleOf(1), { 1: "other", settled: 1 })).toEqual([]);
  });
});

describe("a full node whose children left nothing to merge", () => {
  const empty: Fields = { 0: "-a", 1: "-b", settled: 2, chunks: 2, units: 30 };

  test("settles in its parent without a join", () => {
    const totals = { ...NO_TOTALS, chunks: 2, units: 30 };
    expect(protocol.follow(settleOf(0), { applied: true, record: empty })).toEqual([
      { do: "settle", node: nodeAt(1, 1), done: [{ child: 1, totals }], tag: "-a", counted: true },
    ]);
  });

  test("is joined even so if it is the root", () => {
    expect(protocol.follow(settleOf(0), { applied: true, record: { ...empty, root: true } })).toEqual([
      mergeOf(NODE),
    ]);
  });

  test("is joined if one child did leave something", () => {
    expect(protocol.follow(settleOf(0), { applied: true, record: { ...empty, 1: "b" } })).toEqual([
      mergeOf(NODE),
    ]);
  });
});

describe("a worker that starts", () => {
  const message = (chunk: number, generation = 0): ChunkMessage => ({
    kind: "chunk",
    batch: "b",
    generation,
    chunk,
    attempt: 1,
    source: 0,
    start: chunk,
    end: chunk + 1,
  });
  const chunks = [message(6), message(7)];

  test("runs nothing of a batch that has ended or is to end", () => {
    const start: Task = { do: "start", chunks, again: [] };
    expect(protocol.follow(start, [{ endedAt: 1 }])).toEqual([]);
    expect(protocol.follow(start, [{ ending: "cancel" }])).toEqual([]);
  });

  test("runs only chunks of the generation that the batch is in", () => {
    const start: Task = { do: "start", chunks: [message(6), message(7, 1)], again: [] };
    expect(protocol.follow(start, [{ generation: 1 }])).toEqual([{ do: "work", chunks: [message(7, 1)] }]);
  });

  test("takes the next step of a full leaf in which its chunk is settled", () => {
    const start: Task = { do: "start", chunks, again: [6, 7] };
    const leaf: Fields = { 0: "t", 1: "u", settled: 2 };
    expect(protocol.follow(start, [{}, leaf, null, leaf, null])).toEqual([mergeOf(NODE), mergeOf(NODE)]);
  });

  test("asks only for the batch if there are no chunks", () => {
    expect(protocol.effectOf({ do: "start", chunks: [], again: [1] })).toEqual({
      kind: "read",
      keys: ["batch/"],
    });
  });
});

test("the queue and the messages of a send are those of its task", () => {
  const messages = [{ kind: "merge", node: NODE, attempt: 1 }] as const;
  const task: Task = { do: "send", queue: "join", messages };
  expect(protocol.effectOf(task)).toEqual({ kind: "send", queue: "join", messages });
  expect(protocol.follow(task, null)).toEqual([]);
});
