import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import type { LeaseAnswer } from "../../../src/core/limits/rate-limit.ts";
import { CallTokens } from "../../../src/runner/limits/call-tokens.ts";

const { signal: wanted } = new AbortController();

/** Tokens of a clock that only sleeping and answers move. `answers`: the leases, in turn. */
function stage(answers: readonly LeaseAnswer[], answerMs = 0) {
  const asked: number[] = [];
  const ways: number[] = [];
  const paused: number[] = [];
  const slept: number[] = [];
  let now = 1000;
  const tokens = new CallTokens({
    leaseMs: 100,
    now: () => now,
    leases: {
      async lease({ calls, wayMs }) {
        asked.push(calls);
        ways.push(wayMs);
        now += answerMs;
        return answers[asked.length - 1] ?? { from: now, calls: 1, every: 1, late: 100 };
      },
      pause: async (ms) => void paused.push(ms),
    },
    async sleep(ms) {
      slept.push(ms);
      // What was admitted before has run by then.
      await setImmediate();
      now += ms;
    },
  });
  return { tokens, asked, ways, paused, slept, now: () => now, move: (ms: number) => void (now += ms) };
}

test("calls are admitted in turn, each when its time has come", async () => {
  const { tokens, asked, now } = stage([{ from: 1000, calls: 3, every: 50, late: 100 }]);
  const times = [1, 2, 3].map(() => tokens.take(wanted).then((admitted) => [admitted, now()]));
  expect(await Promise.all(times)).toEqual([
    [true, 1000],
    [true, 1050],
    [true, 1100],
  ]);
  expect(asked).toEqual([3]);
});

test("a call that is too late has lapsed, and a new lease is asked for", async () => {
  const { tokens, asked, move } = stage([{ from: 1000, calls: 5, every: 50, late: 100 }]);
  await tokens.take(wanted);
  move(1000);
  await tokens.take(wanted);
  expect(asked).toHaveLength(2);
});

test("calls that come too late are asked for earlier: as long as they were on their way", async () => {
  const { tokens, ways } = stage(
    [
      { from: 1000, calls: 1, every: 50, late: 100 },
      { from: 1300, calls: 1, every: 50, late: 100 },
      { from: 1600, calls: 1, every: 50, late: 100 },
    ],
    150,
  );
  for (const _ of [1, 2]) await tokens.take(wanted);
  expect(ways).toEqual([0, 150, 150]);
});

test("a lease has as many calls as were made lately", async () => {
  const { tokens, asked, move } = stage([
    { from: 1000, calls: 40, every: 1, late: 1000 },
    { from: 1040, calls: 40, every: 1, late: 1000 },
  ]);
  for (let n = 0; n < 41; n++) await tokens.take(wanted);
  move(10);
  expect(asked[0]).toBe(1);
  // 40 calls in 40 ms, and the pace before them was none.
  expect(asked[1]).toBeGreaterThanOrEqual(45);
});

test("an interrupted item leaves, and the others keep their turn", async () => {
  const { tokens } = stage([{ retryAt: 5000 }]);
  const controller = new AbortController();
  const first = tokens.take(controller.signal);
  const second = tokens.take(wanted);
  controller.abort();
  expect(await first).toBe(false);
  expect(await second).toBe(true);
  expect(await tokens.take(controller.signal)).toBe(false);
});

test("an item is asked whether it waits until calls are given away again", async () => {
  const { tokens, slept } = stage([{ retryAt: 6000 }, { retryAt: 6500 }]);
  const untils: number[] = [];
  const leaves = (until: number): boolean => untils.push(until) === 2;
  expect(await tokens.take(wanted, leaves)).toBe(false);
  expect(untils).toEqual([6000, 6500]);
  expect(slept).toEqual([5000]);
});

test("a pause gives up what is leased, and is passed on once a second", async () => {
  const { tokens, asked, paused, move } = stage([{ from: 1000, calls: 9, every: 1, late: 1000 }]);
  await tokens.take(wanted);
  tokens.pause(3000);
  tokens.pause(4000);
  expect(paused).toEqual([3000]);
  await tokens.take(wanted);
  expect(asked).toHaveLength(2);
  move(1000);
  tokens.pause(4000);
  expect(paused).toEqual([3000, 4000]);
});

test("the next lease is asked for while half of a large one is left, and not while a small one is", async () => {
  const { tokens, asked } = stage([
    { from: 1000, calls: 20, every: 0, late: 1000 },
    { from: 1000, calls: 4, every: 0, late: 1000 },
  ]);
  for (let n = 0; n < 9; n++) await tokens.take(wanted);
  expect(asked).toHaveLength(1);
  await tokens.take(wanted);
  expect(asked).toHaveLength(2);
  for (let n = 0; n < 14; n++) await tokens.take(wanted);
  expect(asked).toHaveLength(2);
  await tokens.take(wanted);
  expect(asked).toHaveLength(3);
});

test("a pause gives up a lease that was asked for ahead, too", async () => {
  const { tokens, asked } = stage([
    { from: 1000, calls: 10, every: 0, late: 1000 },
    { from: 1000, calls: 10, every: 0, late: 1000 },
  ]);
  for (let n = 0; n < 5; n++) await tokens.take(wanted);
  expect(asked).toHaveLength(2);
  tokens.pause(3000);
  await setImmediate();
  await tokens.take(wanted);
  expect(asked).toHaveLength(3);
});
