/** Answers for the limits of batches, from a ledger that may fail. */
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { specFields } from "../../../../src/batch/spec.ts";
import type { BatchSpec } from "../../../../src/batch/spec.ts";
import { batchLimits } from "../../../../src/local/engine/running/batch-limits.ts";
import { memoryLedger } from "../../../../src/testing/memory/ledger.ts";
import { RANGE_SPEC as SPEC } from "../range-spec.ts";
import { manualClock } from "../../../memory/clock.ts";

const WANTED = { calls: 3, wayMs: 0 };
const RATE = { perSecond: 10, burst: 1, key: null };
const holder = (): { postMessage: () => void } => ({ postMessage: () => undefined });

function limitsOf(limits: Partial<BatchSpec> = {}) {
  const ledger = memoryLedger();
  const clock = manualClock();
  ledger.records.set("batch/01A", { ...specFields({ ...SPEC, ...limits }), generation: 0 });
  const is = { broken: false };
  const orBroken = <A extends unknown[], T>(call: (...given: A) => Promise<T>) => {
    return (...given: A): Promise<T> =>
      is.broken ? Promise.reject(new Error("the disk is full")) : call(...given);
  };
  const kept = { read: orBroken(ledger.read.bind(ledger)), update: orBroken(ledger.update.bind(ledger)) };
  return { is, clock, ledger, host: batchLimits(() => ({ ledger: kept, clock })) };
}

/** Whether each of these has entered by now. */
async function entered(...waits: readonly Promise<void>[]): Promise<boolean[]> {
  const flags = waits.map(() => false);
  for (const [place, wait] of waits.entries()) void wait.then(() => (flags[place] = true));
  await setImmediate();
  return flags;
}

test("a batch without a rate has all calls that it wants, at once, and asks again after a second", async () => {
  const { host, clock } = limitsOf();
  expect(await host.lease("01A", WANTED)).toEqual({ from: clock.now(), calls: 3, every: 0, late: 1000 });
  expect(await host.lease("none", WANTED)).toMatchObject({ calls: 3, every: 0 });
});

test("a rate gives the calls of its record, and none while somebody has paused it", async () => {
  const { host, clock } = limitsOf({ rateLimit: RATE });
  expect(await host.lease("01A", WANTED)).toMatchObject({ every: 100 });
  await host.pause("01A", 60_000);
  const { retryAt, from } = (await host.lease("01A", WANTED)) as { retryAt?: number; from?: number };
  // They are asked for a little ahead.
  expect(retryAt ?? from).toBeGreaterThan(clock.now() + 55_000);
});

test("where the ledger fails, calls are asked for again after a second, and nothing rejects", async () => {
  const { host, clock, is } = limitsOf({ rateLimit: RATE, inFlight: 1 });
  is.broken = true;
  expect(await host.lease("01A", WANTED)).toEqual({ retryAt: clock.now() + 1000 });
  await host.pause("01A", 5);
  await host.enter("01A", holder());
});

test("a pause of a batch without a rate is nothing", async () => {
  const { host, ledger } = limitsOf();
  const before = [...ledger.records.keys()];
  await host.pause("01A", 5);
  expect([...ledger.records.keys()]).toEqual(before);
});

test("calls in flight are limited by batch, and the limit may change while they wait", async () => {
  const { host, ledger } = limitsOf({ inFlight: 1 });
  ledger.records.set("batch/01B", { ...specFields({ ...SPEC, batch: "01B", inFlight: 1 }), generation: 0 });
  const [one, two] = [holder(), holder()];
  const waits = [host.enter("01A", one), host.enter("01A", two), host.enter("01B", two)];
  expect(await entered(...waits)).toEqual([true, false, true]);
  const fields = { ...specFields({ ...SPEC, inFlight: 2 }), generation: 0 };
  ledger.records.set("batch/01A", fields);
  host.changed("01A", fields);
  expect(await entered(...waits)).toEqual([true, true, true]);
  const more = [host.enter("01A", one), host.enter("01B", one)];
  expect(await entered(...more)).toEqual([false, false]);
  // It had room in both.
  host.gone(two);
  expect(await entered(...more)).toEqual([true, true]);
  host.leave("01A", one);
  host.leave("01B", one);
  // A batch that nobody knows has nothing to give back, and no limit.
  host.leave("none", one);
  host.changed("none", {});
  expect(await entered(host.enter("none", one), host.enter("none", two))).toEqual([true, true]);
});
