/** What the pump takes up, acknowledges and brings back, with the real queue and steps that a test ends. */
import { describe, expect, test } from "vitest";
import { FanjoinError } from "../../../../src/core/errors/errors.ts";
import { NO_TOTALS } from "../../../../src/core/records/totals.ts";
import { Stopped } from "../../../../src/local/engine/pumping/pump.ts";
import { ThreadDied } from "../../../../src/local/threads/watching/thread-died.ts";
import { merge, plan, chunks, chunksIn, having, turns, pumping, byHand, ofThree } from "./pumping.ts";

describe("the pump", () => {
  test("delivers each message to the step that it is for, and acknowledges what is done", async () => {
    const { queue, seen } = pumping();
    const [chunk] = chunks(1);
    await queue.send("coordinator", [plan]);
    await queue.send("join", [merge(1)]);
    await queue.send("dead-letter", [merge(2)]);
    await queue.send("worker", chunks(1));
    await turns();
    expect(seen.got).toEqual([plan, merge(1), merge(2), chunk]);
    for (const name of ["coordinator", "join", "dead-letter", "worker"] as const) {
      expect([queue.waiting(name), queue.inFlight(name)]).toEqual([0, 0]);
    }
    expect([seen.retried, seen.failed]).toEqual([[], []]);
    expect(seen.rooms).toBeGreaterThan(0);
  });

  test("gives each thread two bundles at once, and more when one is done", async () => {
    const hand = byHand();
    const { queue } = pumping({ threads: () => 2, worker: hand.worker });
    await queue.send("worker", chunks(7));
    await turns();
    expect(hand.bundles.map(chunksIn)).toEqual([[0], [1], [2], [3]]);
    hand.ends[1]?.resolve([]);
    await turns();
    expect(hand.bundles.map(chunksIn)).toEqual([[0], [1], [2], [3], [4]]);
    hand.endAll();
    await turns();
    hand.endAll();
  });

  test("gives a thread another bundle when all items of one have begun, once for each", async () => {
    const hand = byHand();
    const { queue } = pumping({ worker: hand.worker });
    await queue.send("worker", chunks(6));
    await turns();
    expect(hand.bundles).toHaveLength(2);
    hand.events[0]?.onDraining();
    hand.events[0]?.onDraining();
    await turns();
    expect(hand.bundles).toHaveLength(3);
    hand.ends[0]?.resolve([]);
    await turns();
    expect(hand.bundles).toHaveLength(3);
    hand.ends[1]?.resolve([]);
    await turns();
    expect(hand.bundles.map(chunksIn)).toEqual([[0], [1], [2], [3]]);
    hand.endAll();
    await turns();
    hand.endAll();
    await turns();
    hand.endAll();
  });

  test("makes bundles of chunks that take little time", async () => {
    const hand = byHand();
    const learned = having({ ...NO_TOTALS, chunks: 4, ms: 16 });
    const { queue } = pumping({ turns: learned, worker: hand.worker });
    await queue.send("worker", chunks(5));
    await turns();
    // Of 4 ms each: two in a bundle.
    expect(hand.bundles.map(chunksIn)).toEqual([
      [0, 1],
      [2, 3],
    ]);
    hand.endAll();
    await turns();
    hand.endAll();
  });

  test("ends a bundle where a leaf of the tree ends", async () => {
    const hand = byHand();
    const learned = having({ ...NO_TOTALS, chunks: 100, ms: 1 });
    const { queue } = pumping({ turns: learned, worker: hand.worker });
    await queue.send("worker", chunks(16));
    await turns();
    await queue.send("worker", chunks(250).slice(16));
    await turns();
    expect(hand.bundles.map((bundle) => chunksIn(bundle).at(-1))).toEqual([15, 99]);
    hand.endAll();
    await turns();
    expect(hand.bundles.slice(2).map((bundle) => chunksIn(bundle).at(-1))).toEqual([199, 249]);
    hand.endAll();
  });

  test("holds back the joins of a seventeenth node while sixteen are under way", async () => {
    const ends: (() => void)[] = [];
    const { queue } = pumping({ join: () => new Promise<void>((resolve) => void ends.push(resolve)) });
    await queue.send(
      "join",
      Array.from({ length: 20 }, (_, index) => merge(index)),
    );
    await turns();
    expect(ends).toHaveLength(16);
    for (const end of ends.slice(0, 2)) end();
    await turns();
    expect(ends).toHaveLength(18);
    for (const end of ends) end();
    await turns();
    for (const end of ends) end();
  });

  test("runs a chunk alone that something may have died of", async () => {
    const hand = byHand();
    const learned = having({ ...NO_TOTALS, chunks: 4, ms: 4 });
    const { queue } = pumping({ turns: learned, worker: hand.worker, suspect: ({ chunk }) => chunk === 1 });
    await queue.send("worker", chunks(3));
    await turns();
    expect(hand.bundles.map(chunksIn)).toEqual([[0, 2], [1]]);
    expect(hand.bundles[1]?.[0]).toMatchObject({ suspect: true });
    hand.endAll();
  });
});

describe("what is done while others of its bundle run", () => {
  test("is acknowledged at once", async () => {
    const { hand, queue } = await ofThree();
    hand.events[0]?.onDone(hand.bundles[0]?.slice(1, 2) ?? []);
    expect(queue.inFlight("worker")).toBe(2);
    hand.endAll();
    await turns();
    expect([queue.waiting("worker"), queue.inFlight("worker")]).toEqual([0, 0]);
  });

  test("does not come back with them, when they fail", async () => {
    const { hand } = await ofThree();
    hand.events[0]?.onDone(hand.bundles[0]?.slice(1, 2) ?? []);
    hand.ends[0]?.reject(new ThreadDied(false, "replaced"));
    await turns();
    expect(hand.bundles.map(chunksIn)).toEqual([
      [0, 1, 2],
      [0, 2],
    ]);
    hand.endAll();
  });
});

describe("what is not done", () => {
  test("comes back uncounted where it was interrupted, and the rest of its bundle is acknowledged", async () => {
    const { hand, queue } = await ofThree();
    hand.ends[0]?.resolve(hand.bundles[0]?.slice(2) ?? []);
    await turns();
    expect(hand.bundles.map(chunksIn)).toEqual([[0, 1, 2], [2]]);
    expect(hand.bundles[1]?.[0]).toMatchObject({ receives: 1 });
    hand.endAll();
    await turns();
    expect([queue.waiting("worker"), queue.inFlight("worker")]).toEqual([0, 0]);
  });

  test.for<[string, Error]>([
    ["the engine stopped", new Stopped("stopped")],
    ["a thread died of something else", new ThreadDied(false, "replaced")],
  ])("comes back at once and uncounted where %s", async ([, error]) => {
    const hand = byHand();
    const { queue, seen } = pumping({ worker: hand.worker });
    await queue.send("worker", chunks(1));
    await turns();
    hand.ends[0]?.reject(error);
    await turns();
    expect(hand.bundles[1]?.[0]).toMatchObject({ receives: 1 });
    expect(seen.retried).toEqual([]);
    hand.endAll();
  });

  test.for<[string, Error]>([
    ["a step failed", new Error("503")],
    ["its thread died of it", new ThreadDied(true, "exit")],
  ])("comes back later, counted and told, where %s", async ([, error]) => {
    const hand = byHand();
    const { queue, seen } = pumping({ worker: hand.worker });
    await queue.send("worker", chunks(1));
    await turns();
    const before = Date.now();
    hand.ends[0]?.reject(error);
    await turns();
    expect(seen.retried).toEqual([error]);
    expect(hand.bundles).toHaveLength(1);
    expect(queue.waiting("worker")).toBe(1);
    // 50 ms, doubled once.
    expect(queue.nextWakeAt()).toBeGreaterThanOrEqual(before + 100);
    expect(queue.nextWakeAt()).toBeLessThan(before + 1_000);
    // The pump wakes up for it by itself.
    while (hand.bundles.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(hand.bundles[1]?.[0]).toMatchObject({ receives: 2 });
    hand.endAll();
  });

  test.for(["DIRECTORY_UNUSABLE", "JOB_INVALID"] as const)("ends the engine after %s", async (code) => {
    const hand = byHand();
    const { queue, seen } = pumping({ worker: hand.worker });
    await queue.send("worker", chunks(1));
    await turns();
    const error = new FanjoinError(code, "no");
    hand.ends[0]?.reject(error);
    await turns();
    expect([seen.failed, seen.retried]).toEqual([[error], []]);
    expect(hand.bundles).toHaveLength(1);
  });
});

describe("a pump that stops", () => {
  test("takes nothing up any more, and waits for what is under way", async () => {
    const hand = byHand();
    const { pump, queue, seen } = pumping({ worker: hand.worker });
    await queue.send("worker", chunks(3));
    await turns();
    let stopped = false;
    const stopping = pump.stop().then(() => (stopped = true));
    await queue.send("coordinator", [plan]);
    await turns();
    expect([stopped, seen.got]).toEqual([false, []]);
    hand.ends[0]?.reject(new Error("too late to tell"));
    hand.ends[1]?.resolve([]);
    await stopping;
    expect(hand.bundles).toHaveLength(2);
    expect(seen.retried).toEqual([]);
  });

  test("waits for work that it was told to track", async () => {
    const { pump } = pumping();
    const work = Promise.withResolvers<void>();
    pump.track(work.promise);
    let stopped = false;
    const stopping = pump.stop().then(() => (stopped = true));
    await turns();
    expect(stopped).toBe(false);
    work.resolve();
    await stopping;
  });
});

test("a queue that cannot be read ends the engine", async () => {
  const { pump, queue, seen } = pumping();
  const error = new Error("unusable");
  queue.receive = () => {
    throw error;
  };
  pump.wake();
  await turns();
  expect(seen.failed).toEqual([error]);
});
