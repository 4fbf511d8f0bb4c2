import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  AHEAD_MS,
  MAX_LEASE_CALLS,
  isPaused,
  leaseIn,
  leaseSize,
  limitRecordKey,
  nextTakeAt,
  pauseCalls,
  takeAfterPause,
  takeNext,
  usualBurst,
} from "../../../src/core/limits/rate-limit.ts";
import type { CallLease, RateLimit } from "../../../src/core/limits/rate-limit.ts";
import { applyUpdate } from "../../../src/core/records/record.ts";
import type { Fields, Update } from "../../../src/core/records/record.ts";
import { mostInASecond } from "../../most-in-a-second.ts";

const KEY = "limit/job/test";
const NOW = Date.UTC(2026, 10, 29);

/** One limit and its record. */
function stage(limit: RateLimit) {
  let record: Fields | null = null;
  const apply = (update: Update): boolean => {
    const updated = applyUpdate(record, update);
    if (updated.applied) ({ record } = updated);
    return updated.applied;
  };
  return {
    apply,
    record: () => record,
    /** As a worker takes calls; `null`: they are too far ahead. */
    take: (calls: number, now: number, wayMs = 0): CallLease | null => {
      const wanted = { calls, wayMs };
      if (apply(takeNext(KEY, limit, wanted, now))) return leaseIn(record ?? {}, limit, calls);
      if (nextTakeAt(record, now) !== null) return null;
      expect(isPaused(record, limit, wanted, now)).toBe(true);
      expect(apply(takeAfterPause(KEY, limit, wanted, { now, record }))).toBe(true);
      return leaseIn(record ?? {}, limit, calls);
    },
  };
}

/** Each call of a lease is made as late as `delays` says, or lapses. */
function madeOf(
  { from, calls, every, late }: CallLease,
  takenAt: number,
  delays: readonly number[],
): number[] {
  const times: number[] = [];
  for (let n = 0; n < calls; n++) {
    const at = Math.max(from + n * every, takenAt) + (delays[n % Math.max(1, delays.length)] ?? 0);
    if (at < from + n * every + late) times.push(at);
  }
  return times;
}

const limits = fc.record({
  perSecond: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.double({ min: 0.5, max: 200, noNaN: true })),
  burst: fc.integer({ min: 1, max: 40 }),
});

const worker = fc.record({
  afterMs: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 3000 })),
  calls: fc.integer({ min: 1, max: 100 }),
  wayMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: AHEAD_MS })),
  delays: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400 })), { maxLength: 5 }),
});

test("no second has more calls than the limit, whoever takes them when, and however late they are made", () => {
  fc.assert(
    fc.property(limits, fc.array(worker, { maxLength: 60 }), (limit, workers) => {
      const { take } = stage(limit);
      const made: number[] = [];
      let now = NOW;
      for (const { afterMs, calls, wayMs, delays } of workers) {
        now += afterMs;
        const lease = take(leaseSize(limit, calls), now, wayMs);
        if (lease) made.push(...madeOf(lease, now, delays));
      }
      expect(mostInASecond(made)).toBeLessThanOrEqual(Math.ceil(limit.perSecond + limit.burst));
    }),
    { numRuns: 500 },
  );
});

test("clocks that differ by up to a second let no call be given away twice", () => {
  const skewed = fc.array(fc.tuple(worker, fc.integer({ min: -1000, max: 1000 })), { maxLength: 60 });
  fc.assert(
    fc.property(limits, skewed, (limit, workers) => {
      const { take } = stage(limit);
      const given: number[] = [];
      let now = NOW;
      for (const [{ afterMs, calls, wayMs }, skew] of workers) {
        now += afterMs;
        const lease = take(leaseSize(limit, calls), now + skew, wayMs);
        if (lease) given.push(...Array.from({ length: lease.calls }, (_, n) => lease.from + n * lease.every));
      }
      const gaps = given.slice(1).map((time, place) => time - (given[place] ?? 0));
      // Each time is a period after the one before it: the record is one clock for all.
      expect(gaps.every((gap) => gap >= 1000 / limit.perSecond - 0.01)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("a worker that always wants calls gets all of them", () => {
  // It asks a hundred times a second, and a call is not given away when it is half a burst late.
  const asked = fc
    .tuple(limits, fc.integer({ min: 1, max: 100 }))
    .filter(([limit, wanted]) => wanted * 100 >= limit.perSecond && limit.burst * 50 > limit.perSecond);
  fc.assert(
    fc.property(asked, ([limit, wanted]) => {
      const { take } = stage(limit);
      const made: number[] = [];
      for (let now = NOW; now < NOW + 20_000; now += 10) {
        const lease = take(leaseSize(limit, wanted), now);
        if (lease) made.push(...madeOf(lease, now, [0]));
      }
      const count = made.filter((time) => time < NOW + 20_000).length;
      expect(count).toBeGreaterThanOrEqual(Math.floor(limit.perSecond * 20 * 0.99));
    }),
    { numRuns: 100 },
  );
});

test("after a pause of the limit the first call comes when it is over, and no burst with it", () => {
  const limit = { perSecond: 100, burst: 10 };
  const { take, apply } = stage(limit);
  take(10, NOW);
  expect(apply(pauseCalls(KEY, NOW + 5000))).toBe(true);
  expect(apply(pauseCalls(KEY, NOW + 3000))).toBe(false);
  expect(take(10, NOW + 3000)).toBeNull();
  expect(take(10, NOW + 5000 - AHEAD_MS)).toMatchObject({ from: NOW + 5000, every: 10 });
});

test("a pause of a limit that nobody has used does nothing", () => {
  const { apply, record } = stage({ perSecond: 1, burst: 1 });
  expect(apply(pauseCalls(KEY, NOW))).toBe(false);
  expect(record()).toBeNull();
});

test("calls after a pause are taken once: a record that has changed meanwhile refuses", () => {
  const limit = { perSecond: 10, burst: 1 };
  const { apply, take } = stage(limit);
  take(1, NOW);
  const stale = { now: NOW + 10_000, record: { tat: 1 } };
  expect(apply(takeAfterPause(KEY, limit, { calls: 1, wayMs: 0 }, stale))).toBe(false);
  expect(apply(takeAfterPause(KEY, limit, { calls: 1, wayMs: 0 }, { ...stale, record: null }))).toBe(false);
});

test("half of a burst comes at once after a pause, and each call has time to reach its worker", () => {
  const limit = { perSecond: 10, burst: 4 };
  const lease = stage(limit).take(10, NOW) as CallLease;
  expect(madeOf(lease, NOW, [0]).filter((time) => time === NOW)).toHaveLength(3);
  expect(lease.from + lease.late).toBe(NOW + 200);
});

test("calls that are long on their way have half a burst's time left when they arrive, at least", () => {
  fc.assert(
    fc.property(limits, fc.array(worker, { maxLength: 20 }), (limit, workers) => {
      const { take } = stage(limit);
      const left: number[] = [];
      let now = NOW;
      for (const { afterMs, calls, wayMs } of workers) {
        now += afterMs;
        const lease = take(leaseSize(limit, calls), now, wayMs);
        if (lease) left.push(lease.from + lease.late / 2 - (now + wayMs));
      }
      expect(Math.min(0, ...left)).toBeGreaterThanOrEqual(-0.01);
    }),
  );
});

test("a lease has as many calls as are wanted, within a second's", () => {
  expect(leaseSize({ perSecond: 50 }, 3)).toBe(3);
  expect(leaseSize({ perSecond: 50 }, 80)).toBe(50);
  expect(leaseSize({ perSecond: 5000 }, 800)).toBe(MAX_LEASE_CALLS);
  expect(leaseSize({ perSecond: 0.1 }, 7)).toBe(1);
  expect(leaseSize({ perSecond: 10 }, 0)).toBe(1);
});

test("the usual burst is a tenth of a second's calls, and at least one", () => {
  expect([1, 10, 50, 5000].map(usualBurst)).toEqual([1, 1, 5, 500]);
});

test("a limit belongs to its job, or to all jobs that share its key", () => {
  expect(limitRecordKey("mail", null)).toBe("limit/job/mail");
  expect(limitRecordKey("mail", "example.com")).toBe("limit/key/example.com");
});
