/** Single steps in cases that no explored world has. */
import { describe, expect, test } from "vitest";
import { begin, createProtocol } from "../../../src/core/protocol/protocol.ts";
import type { Task } from "../../../src/core/protocol/task.ts";
import { create } from "../../../src/core/records/record.ts";
import type { ChunkMessage } from "../../../src/core/records/message.ts";
import { FAN_IN } from "../../../src/core/records/tree.ts";
import { NO_TOTALS } from "../../../src/core/records/totals.ts";

const protocol = createProtocol(FAN_IN);
const node = { batch: "b", generation: 0, level: 1, index: 2 };
const chunkMessage = (chunk: number): ChunkMessage => {
  return {
    kind: "chunk",
    batch: "b",
    generation: 0,
    chunk,
    attempt: 1,
    source: 0,
    start: chunk,
    end: chunk + 1,
  };
};

describe("a message", () => {
  test("to plan, to merge or to seal begins with a read", () => {
    const plan = begin({ kind: "plan", batch: "b", entry: 3 });
    expect(protocol.effectOf(plan)).toEqual({ kind: "read", keys: ["batch/b", "plan/b/00000003"] });
    const keys = ["batch/b", "node/b/0/1/00000002"];
    expect(protocol.effectOf(begin({ kind: "merge", node, attempt: 1 }))).toEqual({
      kind: "read",
      keys: [...keys, "node/b/0/2/00000000"],
    });
    expect(protocol.effectOf(begin({ kind: "seal", node, attempt: 1 }))).toEqual({ kind: "read", keys });
  });

  test("of a batch without a record does nothing", () => {
    expect(protocol.follow(begin({ kind: "plan", batch: "b", entry: 0 }), [null, null])).toEqual([]);
    expect(protocol.follow(begin({ kind: "merge", node, attempt: 1 }), [null, null, null])).toEqual([]);
    expect(protocol.follow(begin({ kind: "seal", node, attempt: 1 }), [null, null])).toEqual([]);
    expect(protocol.follow({ do: "start", chunks: [chunkMessage(0)], again: [] }, [null])).toEqual([]);
  });
});

describe("a worker", () => {
  const chunks = [chunkMessage(0), chunkMessage(99), chunkMessage(100), chunkMessage(99)];
  const done = [0, 99, 100].map((child) => ({ child, totals: { ...NO_TOTALS, chunks: 1 } }));

  test("runs a chunk once, even if the bundle has two messages of it", () => {
    const [work] = protocol.follow({ do: "start", chunks, again: [] }, [{}]);
    expect(work).toEqual({ do: "work", chunks: chunks.slice(0, 3) });
  });

  test("reads the leaves and splits of redelivered chunks only, and runs the chunks without a tag", () => {
    const start: Task = { do: "start", chunks, again: [0, 100] };
    expect(protocol.effectOf(start)).toEqual({
      kind: "read",
      keys: [
        "batch/b",
        "node/b/0/0/00000000",
        "node/b/0/-1/00000000",
        "node/b/0/0/00000001",
        "node/b/0/-1/00000100",
      ],
    });
    expect(protocol.follow(start, [{}, { 0: "tag" }, null, null, null])).toEqual([
      { do: "work", chunks: chunks.slice(1, 3) },
    ]);
    const alone: Task = { do: "start", chunks: chunks.slice(0, 1), again: [0] };
    expect(protocol.follow(alone, [{}, { 0: "tag" }, null])).toEqual([]);
  });

  test("settles the chunks of a leaf together", () => {
    const tasks = protocol.follow({ do: "work", chunks }, { tag: "t", keep: null, done });
    expect(tasks).toMatchObject([
      { do: "settle", node: { level: 0, index: 0 }, done: [{ child: 0 }, { child: 99 }], tag: "t" },
      { do: "settle", node: { level: 0, index: 1 }, done: [{ child: 0 }], tag: "t" },
    ]);
  });

  test("without a finished chunk settles nothing", () => {
    expect(protocol.follow({ do: "work", chunks }, { tag: "t", keep: null, done: [] })).toEqual([]);
    expect(protocol.follow({ do: "work", chunks: [] }, { tag: "t", keep: null, done })).toEqual([]);
  });

  test("whose tag is taken runs its chunks again, with another tag", () => {
    const work: Task = { do: "work", chunks };
    const [keep] = protocol.follow(work, { tag: "t", keep: create("partial/t", {}), done });
    if (keep?.do !== "keep") throw new Error("the partial is not kept");
    expect(protocol.follow(keep, { applied: true, record: {} })).toHaveLength(2);
    expect(protocol.follow(keep, { applied: false, record: {} })).toEqual([work]);
  });
});

test("an input that cannot be read ends the batch at the current plan entry", () => {
  const look = { do: "read-entry", batch: "b", entry: 0, last: null, sent: true } as const;
  const cut: Task = { do: "cut", batch: "b", generation: 0, entry: 0, last: null };
  const [giveUp] = protocol.follow(cut, { code: "INPUT_INVALID", message: "why" });
  if (!giveUp) throw new Error("the batch goes on");
  expect(protocol.effectOf(giveUp)).toMatchObject({ update: { key: "batch/b", set: { ending: "input" } } });
  expect(protocol.follow(giveUp, { applied: true, record: {} })).toEqual([look]);
  expect(protocol.follow(look, [{ ending: "input" }, null])).toMatchObject([
    { do: "write-end", end: { end: 0, short: true } },
  ]);
});

test("a level that a tree does not have is an error", () => {
  expect(() =>
    protocol.effectOf({ do: "close", batch: "b", end: { end: 5, short: false, generation: 0 }, level: 9 }),
  ).toThrow("a tree over 5 chunks has no level 9");
});
