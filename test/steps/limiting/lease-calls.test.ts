import { expect, test } from "vitest";
import type { Ledger } from "../../../src/ports.ts";
import { leaseCalls, pauseLimit } from "../../../src/steps/limiting/lease-calls.ts";
import type { JobLimit, LimiterPorts } from "../../../src/steps/limiting/lease-calls.ts";
import { memoryLedger } from "../../../src/testing/memory/ledger.ts";

const JOB = { job: "mail", limit: { perSecond: 100, burst: 10, key: null } };

/** Calls that are there at once. */
function take(ports: LimiterPorts, limit: JobLimit, calls: number): ReturnType<typeof leaseCalls> {
  return leaseCalls(ports, limit, { calls, wayMs: 0 });
}

function stage(ledger: Pick<Ledger, "update"> = memoryLedger()) {
  let now = 1_000_000;
  return { ports: { ledger, clock: { now: () => now } }, move: (ms: number) => void (now += ms) };
}

test("leases follow one another, a period after each call", async () => {
  const { ports } = stage();
  const first = await take(ports, JOB, 5);
  const second = await take(ports, JOB, 5);
  expect(first).toEqual({ from: 999_950, calls: 5, every: 10, late: 100 });
  expect(second).toEqual({ from: 1_000_000, calls: 5, every: 10, late: 100 });
});

test("calls too far ahead are not given away, and the answer says when they are", async () => {
  const { ports, move } = stage();
  for (let n = 0; n < 3; n++) await take(ports, JOB, 50);
  expect(await take(ports, JOB, 50)).toEqual({ retryAt: 1_000_450 });
  move(450);
  expect(await take(ports, JOB, 1)).toMatchObject({ from: 1_001_450 });
});

test("a pause holds for all who lease calls, also of other jobs with the key", async () => {
  const { ports } = stage();
  const keyed = { ...JOB.limit, key: "example.com" };
  await take(ports, { job: "mail", limit: keyed }, 1);
  await pauseLimit(ports, { job: "mail", limit: keyed }, 60_000);
  expect(await take(ports, { job: "post", limit: keyed }, 1)).toEqual({ retryAt: 1_059_000 });
  expect(await take(ports, JOB, 1)).toMatchObject({ calls: 1 });
});

test("where others always come first the worker asks again a little later", async () => {
  const { ports } = stage({ update: async () => ({ applied: false, record: { tat: 1 } }) });
  expect(await take(ports, JOB, 1)).toEqual({ retryAt: 1_000_020 });
});

test("an update whose answer is lost is not repeated: its calls lapse", async () => {
  const ledger = memoryLedger();
  const { ports } = stage({
    async update(update) {
      await ledger.update(update);
      throw new Error("the answer was lost");
    },
  });
  await ledger.update({ key: "limit/job/mail", when: [], set: { tat: 1_000_000_000 }, add: {} });
  await expect(take(ports, JOB, 5)).rejects.toThrow("lost");
  expect(ledger.records.get("limit/job/mail")).toEqual({ tat: 1_000_050_000 });
});
