import { expect, test } from "vitest";
import { chance } from "../../../src/core/chance.ts";
import type { CallsWanted } from "../../../src/core/limits/rate-limit.ts";
import type { KeyedRateLimit } from "../../../src/core/limits/limits.ts";
import { CallTokens } from "../../../src/runner/limits/call-tokens.ts";
import { leaseCalls } from "../../../src/steps/limiting/lease-calls.ts";
import { memoryLedger } from "../../../src/testing/memory/ledger.ts";
import { mostInASecond } from "../../most-in-a-second.ts";
import { virtualTime } from "../../memory/virtual-time.ts";

const START = 1_000_000;
interface Fleet {
  readonly limit: Omit<KeyedRateLimit, "key">;
  readonly workers: number;
  /** Items at once in each worker, and how long one takes. */
  readonly concurrency: number;
  readonly callMs: number;
  readonly seconds: number;
  /** How long an update of the ledger takes, on the average. */
  readonly updateMs?: number;
  /** One answer of the ledger in so many is lost. */
  readonly losesOneIn?: number;
  /** The clocks of workers differ by so much at most. */
  readonly skewMs?: number;
}

/** When the calls of a fleet of workers came, in a time of its own. */
async function callsOf(seed: number, fleet: Fleet): Promise<number[]> {
  const { limit, workers, concurrency, callMs, seconds } = fleet;
  const { updateMs = 6, losesOneIn = 0, skewMs = 0 } = fleet;
  const random = chance(seed);
  const time = virtualTime(START);
  const stored = memoryLedger();
  const ledger = {
    async update(update: Parameters<typeof stored.update>[0]) {
      await time.sleep(updateMs / 2 + random.below(updateMs));
      const updated = await stored.update(update);
      if (losesOneIn > 0 && random.oneIn(losesOneIn)) throw new Error("the answer was lost");
      return updated;
    },
  };
  const { signal } = new AbortController();
  const calls: number[] = [];

  async function work(): Promise<void> {
    const skew = skewMs > 0 ? random.below(2 * skewMs) - skewMs : 0;
    const now = (): number => time.now() + skew;
    const ports = { ledger, clock: { now } };
    const leases = {
      lease: (wanted: CallsWanted) =>
        leaseCalls(ports, { job: "mail", limit: { ...limit, key: null } }, wanted).catch(() => ({
          retryAt: now() + 50,
        })),
      pause: async () => undefined,
    };
    const tokens = new CallTokens({ leases, now, sleep: time.sleep, leaseMs: 1000 });
    const slot = async (): Promise<void> => {
      while (time.now() < START + seconds * 1000) {
        await tokens.take(signal);
        calls.push(time.now());
        await time.sleep(1 + random.below(2 * callMs));
      }
    };
    await Promise.all(Array.from({ length: concurrency }, slot));
  }

  await time.run(Promise.all(Array.from({ length: workers }, work)));
  return calls.filter((at) => at < START + seconds * 1000);
}

test.each([
  { limit: { perSecond: 50, burst: 5 }, workers: 20, concurrency: 4, callMs: 40, seconds: 40 },
  { limit: { perSecond: 50, burst: 1 }, workers: 2, concurrency: 16, callMs: 10, seconds: 40 },
  { limit: { perSecond: 5000, burst: 500 }, workers: 20, concurrency: 8, callMs: 5, seconds: 1 },
  { limit: { perSecond: 1000, burst: 100 }, workers: 20, concurrency: 16, callMs: 20, seconds: 4 },
])("$workers workers make $limit.perSecond calls a second, and never more", async (fleet) => {
  const { perSecond, burst } = fleet.limit;
  for (const seed of [1, 2]) {
    const calls = await callsOf(seed, fleet);
    expect(mostInASecond(calls)).toBeLessThanOrEqual(perSecond + burst);
    expect(calls.length / fleet.seconds).toBeGreaterThanOrEqual(0.95 * perSecond);
  }
});

test.each([
  { limit: { perSecond: 5, burst: 1 }, workers: 1, concurrency: 1, callMs: 1, updateMs: 300, least: 2 },
  { limit: { perSecond: 5, burst: 1 }, workers: 3, concurrency: 2, callMs: 1, updateMs: 500, least: 1 },
  { limit: { perSecond: 100, burst: 1 }, workers: 1, concurrency: 1, callMs: 5, updateMs: 25, least: 90 },
  { limit: { perSecond: 1000, burst: 1 }, workers: 1, concurrency: 1, callMs: 5, updateMs: 6, least: 150 },
])(
  "calls are made where an update takes $updateMs ms, and a call may be late by less",
  async ({ least, ...fleet }) => {
    const { perSecond, burst } = fleet.limit;
    const seconds = 20;
    for (const seed of [1, 2, 3]) {
      const calls = await callsOf(seed, { ...fleet, seconds });
      expect(mostInASecond(calls)).toBeLessThanOrEqual(perSecond + burst);
      expect(calls.length / seconds).toBeGreaterThanOrEqual(least);
    }
  },
);

test("lost answers cost calls, and never give one away twice", async () => {
  const fleet = { workers: 8, concurrency: 4, callMs: 20, seconds: 20, losesOneIn: 4 };
  for (const seed of [1, 2, 3]) {
    const calls = await callsOf(seed, { ...fleet, limit: { perSecond: 60, burst: 6 } });
    expect(mostInASecond(calls)).toBeLessThanOrEqual(66);
    expect(calls.length / fleet.seconds).toBeGreaterThan(20);
  }
});

test("clocks that differ shift calls by as much, and the rate holds", async () => {
  const fleet = { workers: 8, concurrency: 4, callMs: 20, seconds: 20, skewMs: 200 };
  for (const seed of [1, 2, 3]) {
    const calls = await callsOf(seed, { ...fleet, limit: { perSecond: 60, burst: 6 } });
    // Two clocks are 0.4 s apart at most: so many more calls can meet in one second.
    expect(mostInASecond(calls)).toBeLessThanOrEqual(66 + 0.4 * 60);
    expect(calls.length / fleet.seconds).toBeLessThanOrEqual(63);
    expect(calls.length / fleet.seconds).toBeGreaterThan(30);
  }
});
