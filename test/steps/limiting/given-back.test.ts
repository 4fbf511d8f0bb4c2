/** Chunks that a limit gives back: how much of the rate is kept while they come and go. */
import { expect, test } from "vitest";
import { range } from "../../../src/input/range.ts";
import { defineJob } from "../../../src/job/job.ts";
import { mostInASecond } from "../../most-in-a-second.ts";
import { virtualTime } from "../../memory/virtual-time.ts";
import { stage } from "../stage.ts";

interface Fleet {
  readonly perSecond: number;
  readonly burst: number;
  readonly workers: number;
  readonly chunks: number;
  readonly items: number;
  readonly concurrency: number;
}

/** When the calls of a batch came, over so many functions, and how many messages they received for it. */
async function callsOf({ perSecond, burst, workers, chunks, items, concurrency }: Fleet) {
  const time = virtualTime(1_000_000);
  const calls: number[] = [];
  const job = defineJob({
    name: "limited",
    input: range(chunks * items),
    async process() {
      calls.push(time.now());
      await time.sleep(30);
      return null;
    },
    concurrency,
    retries: 0,
  });
  const one = await stage({
    job,
    chunk: { items },
    cutting: { isDue: () => false, mayCut: () => true, partsFor: () => 1, isLate: () => false },
    limited: {
      clock: { now: time.now, advance: () => undefined },
      sleep: time.sleep,
      after: (ms, then) => void time.sleep(ms).then(then),
      rateLimit: { perSecond, burst, key: null },
    },
  });
  let received = 0;
  const work = async (): Promise<void> => {
    while (!one.ended()) {
      const [message] = one.queue.take("worker", 1);
      if (message) {
        received++;
        await one.deliver("worker", [message]);
      } else await time.sleep(20);
      for (const name of ["coordinator", "join"] as const) while ((await one.step(name)) > 0);
    }
  };
  await one.submit();
  await one.step("coordinator");
  await time.run(Promise.all(Array.from({ length: workers }, work)));
  expect(one.batch()).toMatchObject({ state: "succeeded", totals: { succeeded: chunks * items } });
  const seconds = ((calls.at(-1) ?? 0) - (calls[0] ?? 0)) / 1000;
  return { rate: (calls.length - 1) / seconds / perSecond, most: mostInASecond(calls), received };
}

test.each([
  { perSecond: 5, burst: 1, workers: 20, chunks: 20, items: 30, concurrency: 4, atLeast: 0.95 },
  { perSecond: 5, burst: 1, workers: 12, chunks: 12, items: 50, concurrency: 4, atLeast: 0.95 },
  { perSecond: 2, burst: 1, workers: 20, chunks: 40, items: 10, concurrency: 1, atLeast: 0.95 },
  { perSecond: 1, burst: 1, workers: 4, chunks: 5, items: 40, concurrency: 2, atLeast: 0.95 },
  { perSecond: 50, burst: 5, workers: 20, chunks: 100, items: 30, concurrency: 8, atLeast: 0.95 },
  // So many functions compete for calls that some parts come back when there is little left to do.
  { perSecond: 50, burst: 5, workers: 100, chunks: 120, items: 50, concurrency: 8, atLeast: 0.92 },
])(
  "$workers functions with $chunks chunks keep to $perSecond calls a second",
  async ({ atLeast, ...fleet }) => {
    const { rate, most, received } = await callsOf(fleet);
    expect(most).toBeLessThanOrEqual(fleet.perSecond + fleet.burst);
    expect(rate).toBeGreaterThanOrEqual(atLeast);
    // A message that finds no calls costs some requests, and hardly any time.
    expect(received).toBeLessThan(4 * fleet.chunks * fleet.items);
  },
);
