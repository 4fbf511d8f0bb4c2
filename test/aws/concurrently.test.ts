import { expect, test } from "vitest";
import { allConcurrently, concurrently } from "../../src/aws/concurrently.ts";

/** Actions that a test ends by hand; `started` are the items of those that were begun. */
function byHand() {
  const started: number[] = [];
  const open = new Map<number, PromiseWithResolvers<string>>();
  return {
    started,
    action: (item: number): Promise<string> => {
      started.push(item);
      const running = Promise.withResolvers<string>();
      open.set(item, running);
      return running.promise;
    },
    end: (item: number): void => open.get(item)?.resolve(`of ${item}`),
    fail: (item: number): void => open.get(item)?.reject(new Error(`${item} failed`)),
  };
}

const turn = (): Promise<void> => new Promise(setImmediate);

test("as many actions run at once as are allowed, and results come in the order of their items", async () => {
  const hand = byHand();
  const all = allConcurrently([1, 2, 3, 4], 2, hand.action);
  await turn();
  expect(hand.started).toEqual([1, 2]);
  hand.end(2);
  await turn();
  expect(hand.started).toEqual([1, 2]);
  hand.end(1);
  await turn();
  // 1 and 2 have ended.
  expect(hand.started).toEqual([1, 2, 3, 4]);
  hand.end(4);
  hand.end(3);
  expect(await all).toEqual(["of 1", "of 2", "of 3", "of 4"]);
});

test("nothing in, nothing out; one at a time is one after the other", async () => {
  expect(await allConcurrently([], 3, async () => "never")).toEqual([]);
  expect(await allConcurrently([1, 2], 1, async (item) => item * 2)).toEqual([2, 4]);
});

test("a failure is thrown in its turn, after the running actions have ended", async () => {
  const hand = byHand();
  const results: string[] = [];
  let failure: unknown = null;
  const consuming = (async () => {
    for await (const result of concurrently([1, 2, 3], 3, hand.action)) results.push(result);
  })().catch((error: unknown) => (failure = error));
  await turn();
  hand.fail(2);
  await turn();
  expect(failure).toBeNull();
  hand.end(1);
  await turn();
  // Item 3 still runs.
  expect([results, failure]).toEqual([["of 1"], null]);
  hand.end(3);
  await consuming;
  expect(failure).toMatchObject({ message: "2 failed" });
});

test("a consumer that stops early waits for the running actions, and none is begun after that", async () => {
  const hand = byHand();
  let stopped = false;
  const consuming = (async () => {
    for await (const _ of concurrently([1, 2, 3, 4], 2, hand.action)) break;
    stopped = true;
  })();
  await turn();
  hand.end(1);
  await turn();
  expect([hand.started, stopped]).toEqual([[1, 2], false]);
  hand.end(2);
  await consuming;
  expect(hand.started).toEqual([1, 2]);
});
