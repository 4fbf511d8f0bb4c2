/** The step that sends again what is lost. The explorer runs it in every order. */
import { describe, expect, test } from "vitest";
import { createProtocol } from "../../../src/core/protocol/protocol.ts";
import type { Reply, Task } from "../../../src/core/protocol/task.ts";
import type { Fields } from "../../../src/core/records/record.ts";
import type { ChunkMessage } from "../../../src/core/records/message.ts";

const protocol = createProtocol(2);
const recover: Task = { do: "recover", batch: "b" };
const range = { source: 0, start: 4, end: 6 };
const chunk: ChunkMessage = { kind: "chunk", batch: "b", generation: 1, chunk: 2, attempt: 1, ...range };
const node = { batch: "b", generation: 1, level: 1, index: 3 };

test("chunks, final nodes and planning are sent again", () => {
  expect(protocol.effectOf(recover)).toEqual({ kind: "lost", batch: "b", from: null });
  expect(protocol.follow(recover, { plan: 7, chunks: [chunk], nodes: [node], more: null })).toEqual([
    { do: "send", queue: "worker", messages: [chunk] },
    { do: "send", queue: "join", messages: [{ kind: "merge", node, attempt: 1 }] },
    { do: "send", queue: "coordinator", messages: [{ kind: "plan", batch: "b", entry: 7 }] },
  ]);
});

test("nothing is sent where nothing is lost", () => {
  expect(protocol.follow(recover, { plan: null, chunks: [], nodes: [], more: null })).toEqual([]);
});

test("planning goes on from entry 0, too", () => {
  expect(protocol.follow(recover, { plan: 0, chunks: [], nodes: [], more: null })).toHaveLength(1);
});

describe("after a pause", () => {
  const relaunch: Task = { do: "relaunch", batch: "b", generation: 1, launch: 2, from: 300 };
  const relaunched = { do: "relaunched", batch: "b", generation: 1, launch: 2, plan: 7 } as const;

  test("everything without a tag is sent again from a chunk on, and noted after the last send", () => {
    expect(protocol.effectOf(relaunch)).toEqual({ kind: "lost", batch: "b", from: 300 });
    expect(protocol.follow(relaunch, { plan: 7, chunks: [chunk], nodes: [node], more: null })).toEqual([
      { do: "send", queue: "worker", messages: [chunk] },
      { do: "send", queue: "join", messages: [{ kind: "merge", node, attempt: 1 }] },
      relaunched,
    ]);
  });

  test("the next page begins where this one ends", () => {
    expect(protocol.follow(relaunch, { plan: 7, chunks: [], nodes: [], more: 900 })).toEqual([
      { ...relaunch, from: 900 },
    ]);
  });

  test("planning goes on from where it stopped, also in a batch that is to end", () => {
    const goesOn = { do: "read-entry", batch: "b", last: null, sent: false };
    const follow = (plan: number | null, record: Fields | null, applied = true) =>
      protocol.follow({ ...relaunched, plan }, { applied, record } as Reply);
    expect(follow(7, {})).toEqual([{ ...goesOn, entry: 7 }]);
    expect(follow(null, { ending: "cancel" })).toEqual([{ ...goesOn, entry: 0 }]);
    expect(follow(null, {})).toEqual([]);
    expect(follow(7, {}, false)).toEqual([]);
  });
});
