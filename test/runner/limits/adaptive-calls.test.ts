/** A service that refuses calls, and threads that find out how many it takes: all in a time of its own. */
import { expect, test } from "vitest";
import { chance } from "../../../src/core/chance.ts";
import { AdaptiveCalls } from "../../../src/runner/limits/adaptive-calls.ts";
import { virtualTime } from "../../memory/virtual-time.ts";

interface Service {
  readonly threads: number;
  /** Items at once in each thread. */
  readonly most: number;
  /** Calls that the service takes at once. */
  readonly takes: (seconds: number) => number;
  readonly seconds: number;
}

const CALL_MS = 50;

/** The shares of the second half: calls that were refused, and of the service's places that were used. */
async function sharesOf(seed: number, { threads, most, takes, seconds }: Service) {
  const random = chance(seed);
  const time = virtualTime(0);
  const { signal } = new AbortController();
  let open = 0;
  let made = 0;
  let refusals = 0;
  let usedMs = 0;
  let placesMs = 0;
  const isCounted = (): boolean => time.now() > seconds * 500;
  const half = async (): Promise<void> => {
    for (; time.now() < seconds * 1000; await time.sleep(10)) {
      if (!isCounted()) continue;
      usedMs += open * 10;
      placesMs += takes(time.now() / 1000) * 10;
    }
  };
  const thread = async (): Promise<void> => {
    const calls = new AdaptiveCalls(most);
    const slot = async (): Promise<void> => {
      while (time.now() < seconds * 1000) {
        await calls.take(signal);
        const isRefused = open >= takes(time.now() / 1000);
        if (isCounted()) made++;
        if (isCounted() && isRefused) refusals++;
        if (isRefused) await time.sleep(5);
        else {
          open++;
          await time.sleep(CALL_MS - 20 + random.below(40));
          open--;
        }
        calls.end(isRefused);
      }
    };
    await Promise.all(Array.from({ length: most }, slot));
  };
  await time.run(Promise.all([half(), ...Array.from({ length: threads }, thread)]));
  return { refused: refusals / made, used: usedMs / placesMs };
}

test.each([
  { threads: 1, most: 64, takes: () => 20, seconds: 30 },
  { threads: 4, most: 32, takes: () => 40, seconds: 30 },
  { threads: 8, most: 16, takes: () => 200, seconds: 10 },
])("$threads threads use most of what a service takes, and few calls are refused", async (service) => {
  for (const seed of [1, 2]) {
    const { refused, used } = await sharesOf(seed, service);
    expect(refused).toBeLessThan(0.1);
    // More threads cannot fill more places than they have slots.
    const most = (service.threads * service.most) / service.takes();
    expect(used).toBeGreaterThan(0.7 * Math.min(1, most));
  }
});

test("a service that takes fewer calls for a while gets fewer, and more again afterwards", async () => {
  const takes = (seconds: number): number => (Math.floor(seconds / 5) % 2 === 0 ? 40 : 10);
  const { refused, used } = await sharesOf(1, { threads: 2, most: 32, takes, seconds: 40 });
  expect(refused).toBeLessThan(0.15);
  expect(used).toBeGreaterThan(0.6);
});

test("calls wait in turn, and stop waiting when they are interrupted", async () => {
  const calls = new AdaptiveCalls(2);
  const { signal } = new AbortController();
  const controller = new AbortController();
  const order: string[] = [];
  const take = (name: string, until = signal): Promise<unknown> =>
    calls.take(until).then((mayCall) => order.push(mayCall ? name : `${name} stopped`));
  await Promise.all([take("a"), take("b")]);
  const waiting = [take("c"), take("d", controller.signal), take("e")];
  controller.abort();
  calls.end(false);
  calls.giveUp();
  await Promise.all(waiting);
  expect(order).toEqual(["a", "b", "d stopped", "c", "e"]);
  expect(await calls.take(controller.signal)).toBe(false);
});
