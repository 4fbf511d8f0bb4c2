/** When a pump has nothing more to give, what counts against a chunk, and what a broken queue costs. */
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { FanjoinError } from "../../../../src/core/errors/errors.ts";
import { SetupFailed } from "../../../../src/runner/setup-failed.ts";
import { byHand, chunks, merge, plan, pumping, turns } from "./pumping.ts";

describe("the tail of the work", () => {
  test("begins when no chunk waits for a thread, though some run", async () => {
    const hand = byHand();
    const { pump, queue } = pumping({ worker: hand.worker });
    expect(pump.isTail).toBe(true);
    await queue.send("worker", chunks(3));
    await turns();
    expect([hand.bundles.length, pump.isTail]).toEqual([2, false]);
    hand.ends[0]?.resolve([]);
    await turns();
    expect([hand.bundles.length, pump.isTail]).toEqual([3, true]);
    hand.endAll();
  });

  test("does not begin while a planner is at work, which may send more", async () => {
    const plans = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let begun = 0;
    const { pump, queue, seen } = pumping({
      coordinator: () => plans[begun++]?.promise ?? Promise.resolve(),
    });
    await queue.send("coordinator", [plan, plan]);
    await turns();
    expect([begun, pump.isTail]).toEqual([2, false]);
    plans[0]?.resolve();
    await turns();
    expect(pump.isTail).toBe(false);
    plans[1]?.reject(new Error("503"));
    await turns();
    expect([pump.isTail, seen.retried]).toEqual([true, [new Error("503")]]);
  });
});

test("joins that failed leave their room to others", async () => {
  const failing = Promise.withResolvers<void>();
  const indexes: number[] = [];
  const { queue } = pumping({
    join: ({ node }) => (indexes.push(node.index), node.index < 16 ? failing.promise : Promise.resolve()),
  });
  await queue.send(
    "join",
    Array.from({ length: 17 }, (_, index) => merge(index)),
  );
  await turns();
  expect(indexes).toHaveLength(16);
  failing.reject(new Error("503"));
  await turns();
  expect(indexes).toContain(16);
});

test.for<[string, Error, boolean]>([
  ["a step failed, counts against a chunk", new Error("503"), true],
  ["a code of ours was thrown, counts against it", new FanjoinError("INPUT_CHANGED", "no"), true],
  ["the job's setup failed, does not", new SetupFailed("setup of the job failed", 1), false],
])("an attempt after which %s", async ([, error, counts]) => {
  const hand = byHand();
  const { queue, seen } = pumping({ worker: hand.worker });
  await queue.send("worker", chunks(1));
  await turns();
  expect(hand.bundles[0]?.[0]).toMatchObject({ receives: 1, carried: 0, suspect: false });
  hand.ends[0]?.reject(error);
  await expect.poll(() => hand.bundles.length, { interval: 5 }).toBe(2);
  expect(seen.retried).toEqual([error]);
  expect(hand.bundles[1]?.[0]).toMatchObject({ receives: 2, carried: counts ? 0 : 1, suspect: counts });
  hand.endAll();
});

test("room for planners is told of after each round", async () => {
  const { pump, seen } = pumping();
  for (const rounds of [1, 2]) {
    pump.wake();
    // Once, however often it was woken.
    pump.wake();
    await turns();
    expect(seen.rooms).toBe(rounds);
  }
});

test("a pump sleeps while nothing arrives, and until a delayed message is due", async () => {
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
  const { pump, queue, seen } = pumping();
  onTestFinished(() => void vi.useRealTimers());
  const roundsIn = async (ms: number): Promise<number> => {
    const before = seen.rooms;
    vi.advanceTimersByTime(ms);
    await turns();
    return seen.rooms - before;
  };
  pump.wake();
  await turns();
  expect(await roundsIn(60_000)).toBe(0);
  await queue.send("worker", chunks(1), { delayMs: 60_000 });
  pump.wake();
  await turns();
  expect([await roundsIn(59_000), seen.got]).toEqual([0, []]);
  expect(await roundsIn(1_000)).toBeGreaterThan(0);
  expect(seen.got).toEqual(chunks(1));
});

test("a pump that was woken and stops meanwhile takes nothing up", async () => {
  const { pump, queue, seen } = pumping();
  await queue.send("worker", chunks(1));
  await pump.stop();
  pump.wake();
  await turns();
  expect([seen.got, seen.rooms]).toEqual([[], 0]);
});

test("a queue that takes no deliveries back ends the engine", async () => {
  const { queue, seen } = pumping();
  const error = new Error("the disk is full");
  queue.acknowledge = queue.release = () => {
    throw error;
  };
  await queue.send("worker", chunks(1));
  await turns();
  expect(seen.failed).toEqual([error]);
});
