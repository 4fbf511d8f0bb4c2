/** The single steps of a redrive. The explorer runs them in every order. */
import { describe, expect, test } from "vitest";
import { createProtocol } from "../../../src/core/protocol/protocol.ts";
import type { Layer, Task } from "../../../src/core/protocol/task.ts";
import { laid, launched } from "../../../src/core/records/batch/redriving.ts";
import type { ChunkMessage } from "../../../src/core/records/message.ts";
import { create } from "../../../src/core/records/record.ts";
import type { Fields } from "../../../src/core/records/record.ts";
import type { NodeId } from "../../../src/core/records/tree.ts";

const protocol = createProtocol(2);
const nodeAt = (level: number, index: number): NodeId => ({ batch: "b", generation: 1, level, index });
const CHUNK: ChunkMessage = {
  kind: "chunk",
  batch: "b",
  generation: 1,
  chunk: 2,
  attempt: 1,
  source: 0,
  start: 2,
  end: 3,
};
const layer = (node: NodeId, more: Partial<Layer> = {}): Layer => ({
  node,
  update: create(`node/${node.level}/${node.index}`, {}),
  full: false,
  chunks: [],
  ...more,
});
const LAYERS = [
  layer(nodeAt(0, 1), { chunks: [CHUNK] }),
  layer(nodeAt(1, 0)),
  layer(nodeAt(1, 1), { full: true }),
];

const READ: Task = { do: "read-entry", batch: "b", entry: 0, last: null, sent: false };

describe("laying the nodes of a redrive", () => {
  const lay: Task = { do: "lay", batch: "b", generation: 1, page: 4 };
  const updates = LAYERS.map(({ update }) => ({ do: "lay-node", update }));

  test("asks for one page of the nodes to lay", () => {
    expect(protocol.effectOf(lay)).toEqual({
      kind: "survey",
      phase: "lay",
      batch: "b",
      generation: 1,
      page: 4,
    });
  });

  test("writes every node of the page, then goes on with the next page", () => {
    expect(protocol.follow(lay, { layers: LAYERS, more: true })).toEqual([...updates, { ...lay, page: 5 }]);
  });

  test("is over after the last page", () => {
    expect(protocol.follow(lay, { layers: LAYERS, more: false })).toEqual([
      ...updates,
      { do: "laid", batch: "b", generation: 1 },
    ]);
  });

  test("writes each node once, whatever the reply", () => {
    const { update } = layer(nodeAt(0, 1));
    expect(protocol.effectOf({ do: "lay-node", update })).toEqual({ kind: "update", update });
    expect(protocol.follow({ do: "lay-node", update }, { applied: false, record: {} })).toEqual([]);
  });
});

describe("a redrive whose nodes are laid", () => {
  const task: Task = { do: "laid", batch: "b", generation: 1 };
  const record = { generation: 1, laid: 1, chunks: 3 };

  test("says so in the batch's record, and sends its messages from the first page", () => {
    expect(protocol.effectOf(task)).toEqual({ kind: "update", update: laid("b", 1) });
    expect(protocol.follow(task, { applied: true, record })).toEqual([
      { do: "launch", batch: "b", generation: 1, page: 0 },
    ]);
  });

  test("sends nothing if the batch was asked to end, but reads what comes next", () => {
    const ending = { ...record, ending: "cancel" };
    expect(protocol.follow(task, { applied: true, record: ending })).toEqual([READ]);
    expect(protocol.follow(READ, [ending, null])).toEqual([
      { do: "send", queue: "join", messages: [{ kind: "seal", node: nodeAt(1, 0), attempt: 1 }] },
    ]);
  });

  test("does nothing for a batch that has ended or is in another generation", () => {
    expect(protocol.follow(task, { applied: false, record })).toEqual([]);
    expect(protocol.follow(task, { applied: true, record: { ...record, generation: 2 } })).toEqual([]);
    expect(protocol.follow(task, { applied: true, record: { ...record, endedAt: 5 } })).toEqual([]);
  });
});

describe("a redrive whose messages are sent", () => {
  const task: Task = { do: "launched", batch: "b", generation: 1 };
  const record = { generation: 1, laid: 1, launched: 1 };
  const follow = (fields: Fields): readonly Task[] =>
    protocol.follow(task, { applied: true, record: fields });

  test("says so in the batch's record, and does not send them again for another plan message", () => {
    expect(protocol.effectOf(task)).toEqual({ kind: "update", update: launched("b", 1) });
    expect(follow({ ...record, chunks: 3 })).toEqual([]);
    expect(protocol.follow(READ, [{ ...record, chunks: 3 }, null])).toEqual([]);
  });

  test("goes on planning if the plan was short, or reads how it is to end", () => {
    expect(follow({ ...record, extend: 4, first: 9 })).toEqual([READ]);
    expect(follow({ ...record, chunks: 3, ending: "cancel" })).toEqual([READ]);
    expect(protocol.follow(task, { applied: false, record: { ...record, extend: 4, first: 9 } })).toEqual([]);
  });
});

describe("launching a redrive", () => {
  const launch: Task = { do: "launch", batch: "b", generation: 1, page: 4 };
  const messages: Task[] = [
    { do: "send", queue: "worker", messages: [CHUNK] },
    { do: "send", queue: "join", messages: [{ kind: "merge", node: nodeAt(1, 1), attempt: 1 }] },
  ];

  test("asks for one page of the laid nodes", () => {
    expect(protocol.effectOf(launch)).toEqual({
      kind: "survey",
      phase: "launch",
      batch: "b",
      generation: 1,
      page: 4,
    });
  });

  test("sends the chunks that are to be done again, and the joins of nodes that are full as laid", () => {
    expect(protocol.follow(launch, { layers: LAYERS, more: false })).toEqual([
      ...messages,
      { do: "launched", batch: "b", generation: 1 },
    ]);
  });

  test("goes on with the next page", () => {
    expect(protocol.follow(launch, { layers: LAYERS, more: true })).toEqual([
      ...messages,
      { ...launch, page: 5 },
    ]);
  });
});
