import { expect, onTestFinished, test, vi } from "vitest";

/** The module with a clock that the test moves. */
async function withClock() {
  vi.useFakeTimers({ toFake: ["setTimeout", "performance"] });
  onTestFinished(() => {
    vi.useRealTimers();
    vi.resetModules();
  });
  vi.resetModules();
  const { withinTime } = await import("../../../src/runner/item/within-time.ts");
  const seen: string[] = [];
  /** Those that were told that they are late. */
  const told: string[] = [];
  const limit = (name: string, promise: Promise<unknown>, ms: number): void => {
    const late = (): Error => {
      told.push(name);
      return new Error("late");
    };
    withinTime(promise, ms, late).then(
      (value) => seen.push(`${name}: ${String(value)}`),
      (error: unknown) => seen.push(`${name}: ${(error as Error).message}`),
    );
  };
  return { seen, told, limit, after: (ms: number) => vi.advanceTimersByTimeAsync(ms) };
}

const never = (): Promise<unknown> => new Promise(() => {});

test("limits of one length fall due one by one, each after its own time", async () => {
  const { seen, limit, after } = await withClock();
  limit("first", never(), 100);
  await after(60);
  limit("second", never(), 100);
  await after(40);
  expect(seen).toEqual(["first: late"]);
  await after(59);
  expect(seen).toHaveLength(1);
  await after(1);
  expect(seen).toEqual(["first: late", "second: late"]);
  // Nothing waits now, and the next one has a timer of its own again.
  await after(500);
  limit("third", never(), 100);
  await after(100);
  expect(seen).toHaveLength(3);
});

test("limits of several lengths do not wait for each other, and a settled promise has no limit", async () => {
  const { seen, told, limit, after } = await withClock();
  const gate = Promise.withResolvers<string>();
  limit("long", never(), 1000);
  limit("done", gate.promise, 100);
  limit("short", never(), 10);
  limit("fails", Promise.reject(new Error("own")), 100);
  await after(10);
  gate.resolve("value");
  await after(89);
  expect(seen.toSorted()).toEqual(["done: value", "fails: own", "short: late"]);
  await after(901);
  expect(seen.toSorted()).toEqual(["done: value", "fails: own", "long: late", "short: late"]);
  expect(told).toEqual(["short", "long"]);
});
