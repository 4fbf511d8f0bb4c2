import { expect, test } from "vitest";
import type { Message } from "../../../../src/core/records/message.ts";
import { withBackpressure } from "../../../../src/local/engine/pumping/backpressure.ts";
import { chunkMessage } from "../../../contract/queue.ts";
import { memoryQueue } from "../../../../src/testing/memory/queue.ts";

const turn = (): Promise<void> => new Promise(setImmediate);
const PLAN: Message = { kind: "plan", batch: "01K0", entry: 0 };

function paced() {
  const inner = memoryQueue();
  const state = { enough: true, asked: [] as string[] };
  const queue = withBackpressure(inner, (batch) => {
    state.asked.push(batch);
    return state.enough;
  });
  return { inner, state, queue };
}

test("chunks wait while there are enough, and are sent once there is room", async () => {
  const { inner, state, queue } = paced();
  const sending = queue.send("worker", [chunkMessage(1), chunkMessage(2)]);
  await turn();
  expect(inner.waiting("worker")).toBe(0);
  // Released, but there is still no room.
  queue.release();
  await turn();
  expect([inner.waiting("worker"), state.asked]).toEqual([0, ["01K0", "01K0"]]);
  state.enough = false;
  queue.release();
  await sending;
  expect(inner.take("worker")).toEqual([chunkMessage(1), chunkMessage(2)]);
});

test("other messages never wait, and neither does an empty send", async () => {
  const { inner, state, queue } = paced();
  await queue.send("coordinator", [PLAN]);
  await queue.send("join", [PLAN]);
  await queue.send("dead-letter", [chunkMessage(1)]);
  await queue.send("worker", []);
  expect([inner.waiting("coordinator"), inner.waiting("join"), inner.waiting("dead-letter")]).toEqual([
    1, 1, 1,
  ]);
  expect(state.asked).toEqual([]);
});

test("after a stop, waiting senders and those to come fail and send nothing", async () => {
  const { inner, queue } = paced();
  const waiting = queue.send("worker", [chunkMessage(1)]);
  await turn();
  queue.stop();
  await expect(waiting).rejects.toMatchObject({ name: "Stopped", message: "the engine has stopped" });
  await expect(queue.send("worker", [chunkMessage(2)])).rejects.toMatchObject({ name: "Stopped" });
  expect(inner.waiting("worker")).toBe(0);
});
