import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TimeBudget } from "../../src/runner/time-budget.ts";
import { manualClock } from "../memory/clock.ts";
import type { ManualClock } from "../memory/clock.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const wanted = (): Promise<boolean> => Promise.resolve(true);

function begun(lengthMs: number): { readonly timeBudget: TimeBudget; readonly clock: ManualClock } {
  const clock = manualClock();
  const timeBudget = new TimeBudget(clock);
  timeBudget.begin(clock.now() + lengthMs);
  return { timeBudget, clock };
}

/** Resolves when the running work is interrupted. */
function untilInterrupted(timeBudget: TimeBudget): Promise<string> {
  return new Promise((resolve) =>
    timeBudget.signal().addEventListener("abort", () => resolve(String(timeBudget.interruption))),
  );
}

test("keeps a part of its time free at the end, ten seconds at most", () => {
  const short = begun(10_000);
  expect(short.timeBudget.overAt - short.timeBudget.endsAt()).toBe(1500);
  const long = begun(900_000);
  expect(long.timeBudget.overAt - long.timeBudget.endsAt()).toBe(10_000);
  expect(long.timeBudget.lengthMs).toBe(890_000);
});

test("interrupts waiting code when its time is up", async () => {
  const { timeBudget } = begun(10_000);
  const run = timeBudget.during(wanted, () => untilInterrupted(timeBudget));
  await vi.advanceTimersByTimeAsync(8499);
  expect(timeBudget.interrupted()).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await run).toBe("time");
});

test("interrupts code that never waits as soon as it asks", async () => {
  const { timeBudget, clock } = begun(10_000);
  await timeBudget.during(wanted, async () => {
    expect(timeBudget.interrupted()).toBe(false);
    clock.advance(8500);
    expect(timeBudget.interrupted()).toBe(true);
    expect(timeBudget.signal().aborted).toBe(true);
  });
  expect(timeBudget.interruption).toBe("time");
  expect(timeBudget.isOver()).toBe(true);
});

test("checks every two seconds whether the work is wanted; a check that fails changes nothing", async () => {
  const { timeBudget } = begun(60_000);
  const looks = vi
    .fn<() => Promise<boolean>>()
    .mockRejectedValueOnce(new Error("throttled"))
    .mockResolvedValueOnce(true);
  looks.mockResolvedValue(false);
  const run = timeBudget.during(looks, () => untilInterrupted(timeBudget));
  await vi.advanceTimersByTimeAsync(5999);
  expect(timeBudget.interrupted()).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await run).toBe("unwanted");
  expect(looks).toHaveBeenCalledTimes(3);
});

test("a check that is answered late does not interrupt later work", async () => {
  const { timeBudget } = begun(60_000);
  const late = Promise.withResolvers<boolean>();
  const first = timeBudget.during(
    () => late.promise,
    () => new Promise((resolve) => setTimeout(resolve, 2500)),
  );
  await vi.advanceTimersByTimeAsync(2500);
  await first;
  await timeBudget.during(wanted, async () => {
    late.resolve(false);
    await vi.advanceTimersByTimeAsync(100);
    expect(timeBudget.interrupted()).toBe(false);
  });
});

test("reports broken-off work once, and the next work begins afresh", async () => {
  const { timeBudget } = begun(60_000);
  await timeBudget.during(wanted, async () => {
    timeBudget.breakOff(new Error("an item left an error"));
    timeBudget.breakOff(new Error("another"));
    expect(timeBudget.interrupted()).toBe(true);
    expect(() => timeBudget.throwIfBroken()).toThrow("an item left an error");
  });
  await timeBudget.during(wanted, async () => {
    expect(timeBudget.interrupted()).toBe(false);
    timeBudget.throwIfBroken();
  });
});

test("no timer is left behind, whether the work ends or throws", async () => {
  const { timeBudget } = begun(60_000);
  expect(await timeBudget.during(wanted, async () => vi.getTimerCount())).toBe(2);
  expect(vi.getTimerCount()).toBe(0);
  const broken = timeBudget.during(wanted, () => Promise.reject(new Error("no")));
  await expect(broken).rejects.toThrow("no");
  expect(vi.getTimerCount()).toBe(0);
});

test("lets the event loop turn now and then", async () => {
  const { timeBudget } = begun(60_000);
  await vi.advanceTimersByTimeAsync(60);
  expect(timeBudget.yieldToEventLoop()).toBeInstanceOf(Promise);
  expect(timeBudget.yieldToEventLoop()).toBeNull();
  await vi.advanceTimersByTimeAsync(51);
  expect(timeBudget.yieldToEventLoop()).not.toBeNull();
});

test("a chunk is cut when its time is up, with time to close it, and what is done counts", async () => {
  const { timeBudget, clock } = begun(900_000);
  const { cutting } = timeBudget;
  await timeBudget.during(wanted, async () => {
    expect([cutting.isDue(), cutting.mayCut(), cutting.isLate()]).toEqual([false, true, false]);
    while (!cutting.isDue()) clock.advance(100);
    // It is closed before the time is up.
    expect(timeBudget.isOver()).toBe(false);
    expect(timeBudget.endsAt() - clock.now()).toBeLessThanOrEqual(5000);
    clock.advance(timeBudget.endsAt() - clock.now());
    expect([timeBudget.interrupted(), cutting.mayCut(), cutting.isLate()]).toEqual([true, true, false]);
    clock.advance(5000);
    expect(cutting.isLate()).toBe(true);
  });
});

test("work that is broken off, or no longer wanted, is not cut: nothing of it counts", async () => {
  const { timeBudget } = begun(60_000);
  await expect(
    timeBudget.during(wanted, async () => {
      timeBudget.breakOff(new Error("an item left an error"));
      expect(timeBudget.cutting.mayCut()).toBe(false);
      throw new Error("interrupted");
    }),
  ).rejects.toThrow("interrupted");
  const other = begun(60_000).timeBudget;
  const run = other.during(
    async () => false,
    () => untilInterrupted(other),
  );
  await vi.advanceTimersByTimeAsync(2000);
  expect(await run).toBe("unwanted");
  expect(other.cutting.mayCut()).toBe(false);
});

test("the rest of a chunk is cut into parts of a quarter of an invocation, and of four seconds at least", () => {
  // It has 890 s, and a part 222.5.
  const { cutting } = begun(900_000).timeBudget;
  const parts = [0, 1, 222_500, 222_501, 1e6, 1e9].map((leftMs) => cutting.partsFor(leftMs));
  expect(parts).toEqual([1, 1, 1, 2, 5, 100]);
  const short = begun(10_000).timeBudget.cutting;
  expect([4000, 4001, 40_000].map((leftMs) => short.partsFor(leftMs))).toEqual([1, 2, 10]);
});
