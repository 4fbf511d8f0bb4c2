import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Shift } from "../../src/runner/time-budget.ts";
import { manualClock } from "../memory/clock.ts";
import type { ManualClock } from "../memory/clock.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const wanted = (): Promise<boolean> => Promise.resolve(true);

function begun(lengthMs: number): { readonly shift: Shift; readonly clock: ManualClock } {
  const clock = manualClock();
  const shift = new Shift(clock);
  shift.begin(clock.now() + lengthMs);
  return { shift, clock };
}

/** Resolves when what runs is interrupted. */
function untilInterrupted(shift: Shift): Promise<string> {
  return new Promise((resolve) =>
    shift.signal().addEventListener("abort", () => resolve(String(shift.interruption))),
  );
}

test("keeps a part of its time free at the end, ten seconds at most", () => {
  const short = begun(10_000);
  expect(short.shift.overAt - short.shift.endsAt()).toBe(1500);
  const long = begun(900_000);
  expect(long.shift.overAt - long.shift.endsAt()).toBe(10_000);
  expect(long.shift.lengthMs).toBe(890_000);
});

test("interrupts what waits when its time is up", async () => {
  const { shift } = begun(10_000);
  const run = shift.during(wanted, () => untilInterrupted(shift));
  await vi.advanceTimersByTimeAsync(8499);
  expect(shift.interrupted()).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await run).toBe("time");
});

test("interrupts code that never waits as soon as that asks", async () => {
  const { shift, clock } = begun(10_000);
  await shift.during(wanted, async () => {
    expect(shift.interrupted()).toBe(false);
    clock.advance(8500);
    expect(shift.interrupted()).toBe(true);
    expect(shift.signal().aborted).toBe(true);
  });
  expect(shift.interruption).toBe("time");
  expect(shift.isOver()).toBe(true);
});

test("looks every two seconds whether what runs is wanted; a look that fails changes nothing", async () => {
  const { shift } = begun(60_000);
  const looks = vi
    .fn<() => Promise<boolean>>()
    .mockRejectedValueOnce(new Error("throttled"))
    .mockResolvedValueOnce(true);
  looks.mockResolvedValue(false);
  const run = shift.during(looks, () => untilInterrupted(shift));
  await vi.advanceTimersByTimeAsync(5999);
  expect(shift.interrupted()).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await run).toBe("unwanted");
  expect(looks).toHaveBeenCalledTimes(3);
});

test("a look that is answered late interrupts nothing that runs by then", async () => {
  const { shift } = begun(60_000);
  const late = Promise.withResolvers<boolean>();
  const first = shift.during(
    () => late.promise,
    () => new Promise((resolve) => setTimeout(resolve, 2500)),
  );
  await vi.advanceTimersByTimeAsync(2500);
  await first;
  await shift.during(wanted, async () => {
    late.resolve(false);
    await vi.advanceTimersByTimeAsync(100);
    expect(shift.interrupted()).toBe(false);
  });
});

test("what was broken off is told, once, and the next work begins afresh", async () => {
  const { shift } = begun(60_000);
  await shift.during(wanted, async () => {
    shift.breakOff(new Error("an item left an error"));
    shift.breakOff(new Error("another"));
    expect(shift.interrupted()).toBe(true);
    expect(() => shift.throwIfBroken()).toThrow("an item left an error");
  });
  await shift.during(wanted, async () => {
    expect(shift.interrupted()).toBe(false);
    shift.throwIfBroken();
  });
});

test("lets the event loop turn now and then", async () => {
  const { shift } = begun(60_000);
  await vi.advanceTimersByTimeAsync(60);
  expect(shift.rest()).toBeInstanceOf(Promise);
  expect(shift.rest()).toBeNull();
  await vi.advanceTimersByTimeAsync(51);
  expect(shift.rest()).not.toBeNull();
});
