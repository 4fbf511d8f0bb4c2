/** The step that sends again what is lost. The explorer runs it in every order. */
import { expect, test } from "vitest";
import { createProtocol } from "../../../src/core/protocol/protocol.ts";
import type { Task } from "../../../src/core/protocol/task.ts";
import type { ChunkMessage } from "../../../src/core/records/message.ts";

const protocol = createProtocol(2);
const recover: Task = { do: "recover", batch: "b" };
const range = { source: 0, start: 4, end: 6 };
const chunk: ChunkMessage = { kind: "chunk", batch: "b", generation: 1, chunk: 2, attempt: 1, ...range };
const node = { batch: "b", generation: 1, level: 1, index: 3 };

test("chunks, final nodes and planning are sent again", () => {
  expect(protocol.effectOf(recover)).toEqual({ kind: "lost", batch: "b" });
  expect(protocol.follow(recover, { plan: 7, chunks: [chunk], nodes: [node] })).toEqual([
    { do: "send", queue: "worker", messages: [chunk] },
    { do: "send", queue: "join", messages: [{ kind: "merge", node, attempt: 1 }] },
    { do: "send", queue: "coordinator", messages: [{ kind: "plan", batch: "b", entry: 7 }] },
  ]);
});

test("nothing is sent where nothing is lost", () => {
  expect(protocol.follow(recover, { plan: null, chunks: [], nodes: [] })).toEqual([]);
});

test("planning goes on from entry 0, too", () => {
  expect(protocol.follow(recover, { plan: 0, chunks: [], nodes: [] })).toHaveLength(1);
});
