import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Growth } from "../../../../src/local/threads/pool/growth.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Threads of a pool. Each request that is sent keeps one. */
function stage(most: number) {
  let [threads, busy] = [1, 0];
  const growth = new Growth({
    isScarce: () => busy >= threads && threads < most,
    grow: () => void (threads = Math.min(most, threads + 1)),
  });
  const sent: string[] = [];
  const ask = (name: string): void => {
    const send = (): void => {
      busy++;
      sent.push(name);
    };
    const room = growth.room();
    if (room) void room.then(send);
    else send();
  };
  const answer = (): void => {
    busy--;
    growth.freed();
  };
  return { growth, sent, ask, answer, threads: () => threads };
}

test("a request waits for a busy thread, in turn, and no thread starts if that is soon free", async () => {
  const { sent, ask, answer, threads } = stage(3);
  for (const name of ["a", "b", "c"]) ask(name);
  expect(sent).toEqual(["a"]);
  for (const _ of [1, 2]) {
    await vi.advanceTimersByTimeAsync(20);
    answer();
    await vi.advanceTimersByTimeAsync(0);
  }
  expect(sent).toEqual(["a", "b", "c"]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(threads()).toBe(1);
});

test("after a moment a thread starts for each request that waits, and what is too much is sent all the same", async () => {
  const { sent, ask, threads } = stage(3);
  for (const name of ["a", "b", "c", "d"]) ask(name);
  await vi.advanceTimersByTimeAsync(49);
  expect([sent, threads()]).toEqual([["a"], 1]);
  await vi.advanceTimersByTimeAsync(1);
  expect([sent, threads()]).toEqual([["a", "b", "c", "d"], 3]);
  ask("e");
  expect(sent).toHaveLength(5);
});

test("where there is nothing to wait for any more, all requests are sent", async () => {
  const { growth, sent, ask, threads } = stage(2);
  for (const name of ["a", "b", "c"]) ask(name);
  growth.end();
  await vi.advanceTimersByTimeAsync(0);
  expect([sent, threads(), vi.getTimerCount()]).toEqual([["a", "b", "c"], 1, 0]);
});
