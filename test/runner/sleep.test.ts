import { expect, onTestFinished, test, vi } from "vitest";

/** The module with timers that the test moves. */
async function withClock() {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => {
    vi.useRealTimers();
    vi.resetModules();
  });
  vi.resetModules();
  const { sleep } = await import("../../src/runner/sleep.ts");
  const controller = new AbortController();
  const woken: string[] = [];
  const begin = (name: string, ms: number): void => {
    void sleep(ms, controller.signal).then(() => woken.push(name));
  };
  return { controller, woken, begin, after: (ms: number) => vi.advanceTimersByTimeAsync(ms) };
}

test("a sleep lasts its time", async () => {
  const { woken, begin, after } = await withClock();
  begin("long", 100);
  begin("short", 40);
  await after(39);
  expect(woken).toEqual([]);
  await after(1);
  expect(woken).toEqual(["short"]);
  await after(60);
  expect(woken).toEqual(["short", "long"]);
});

test("a signal ends every sleep, and leaves no timer; after it there is none", async () => {
  const { controller, woken, begin, after } = await withClock();
  begin("one", 100);
  begin("two", 1000);
  controller.abort();
  begin("three", 1000);
  expect(vi.getTimerCount()).toBe(0);
  await after(0);
  expect(woken.toSorted()).toEqual(["one", "three", "two"]);
});
