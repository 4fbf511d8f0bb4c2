/**
 * Simulated functions: `node workers-limit.ts <calls per second>`: the product's own code for leases and
 * calls, in twenty workers over one ledger that answers after some milliseconds, as DynamoDB does.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { CallsWanted } from "../../src/core/limits/rate-limit.ts";
import { CallTokens } from "../../src/runner/limits/call-tokens.ts";
import { sleep as interruptibleSleep } from "../../src/runner/sleep.ts";
import { leaseCalls } from "../../src/steps/limiting/lease-calls.ts";
import { memoryLedger } from "../../src/testing/memory/ledger.ts";
import { CALL_MS, SECONDS, burstOf, callTime, limitedRun } from "./limited-calls.ts";
import { report } from "./outcome.ts";

const WORKERS = 20;
const LANES = 8;
const UPDATE_MS = 5;

const perSecond = Number(process.argv[2]);
const limit = { perSecond, burst: burstOf(perSecond), key: null };
const stored = memoryLedger();
let asks = 0;
const ledger: Pick<typeof stored, "update"> = {
  async update(update) {
    asks++;
    await sleep(UPDATE_MS);
    return stored.update(update);
  },
};
const ports = { ledger, clock: { now: Date.now } };
const { signal } = new AbortController();
const times: number[] = [];
let left = perSecond * SECONDS;

async function work(): Promise<void> {
  const leases = {
    lease: (wanted: CallsWanted) => leaseCalls(ports, { job: "limited", limit }, wanted),
    pause: async () => undefined,
  };
  const tokens = new CallTokens({ leases, now: Date.now, sleep: interruptibleSleep, leaseMs: 1000 });
  const lane = async (): Promise<void> => {
    while (left-- > 0) {
      await tokens.take(signal);
      times.push(callTime());
      await sleep(CALL_MS);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

await Promise.all(Array.from({ length: WORKERS }, work));
report(limitedRun(perSecond, times, asks));
