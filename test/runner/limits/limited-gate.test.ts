/** The gate of a batch with limits, and items that meet one. */
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import type { BatchSpec } from "../../../src/batch/spec.ts";
import type { BatchLimits } from "../../../src/core/limits/limits.ts";
import { AHEAD_MS } from "../../../src/core/limits/rate-limit.ts";
import type { Job } from "../../../src/job/job.ts";
import type { AdaptiveCalls } from "../../../src/runner/limits/adaptive-calls.ts";
import type { CallTokens } from "../../../src/runner/limits/call-tokens.ts";
import type { ItemGate } from "../../../src/runner/limits/item-gate.ts";
import { LimitedGate, Postponement } from "../../../src/runner/limits/limited-gate.ts";
import type { GivingBack } from "../../../src/runner/limits/limited-gate.ts";
import { RunnerLimits } from "../../../src/runner/limits/runner-limits.ts";
import { attempt } from "../item/attempt.ts";

const { signal } = new AbortController();

/**
 * A gate of three limits. `refuses`: the one that gives no room. `until`: what the rate asks to wait for.
 * `lease`: its answer.
 */
function gated(
  wanted: { readonly refuses?: string; readonly until?: number; readonly lease?: Promise<void> },
  givingBack: GivingBack | null = null,
) {
  const { refuses } = wanted;
  const events: string[] = [];
  const left: boolean[] = [];
  const admits = (limit: string): boolean => {
    events.push(limit);
    return refuses !== limit;
  };
  const inFlight = {
    take: async () => admits("in flight"),
    free: () => void events.push("free"),
  };
  const adaptive = {
    take: async () => admits("adaptive"),
    giveUp: () => events.push("give up"),
    end: (refused: boolean) => events.push(refused ? "refused" : "ended"),
  } as unknown as AdaptiveCalls;
  const tokens = {
    take: async (_: AbortSignal, leaves: (until: number) => boolean) => {
      const { until = 0 } = wanted;
      if (until > 0) left.push(leaves(until));
      await wanted.lease;
      return admits("rate") && left.at(-1) !== true;
    },
    pause: (ms: number) => void events.push(`pause ${ms}`),
  } as unknown as CallTokens;
  const gate = new LimitedGate({ tokens, inFlight, adaptive, givingBack, now: () => 1000 });
  return { gate, events, left };
}

test.for<[string, string[], boolean]>([
  ["", ["in flight", "adaptive", "rate"], true],
  ["in flight", ["in flight"], false],
  ["adaptive", ["in flight", "adaptive", "free"], false],
  ["rate", ["in flight", "adaptive", "rate", "free", "give up"], false],
])(
  "a call that the limit '%s' refuses gives back what the others gave it",
  async ([refuses, events, admits]) => {
    const one = gated({ refuses });
    expect(await one.gate.admit(signal)).toBe(admits);
    expect(one.events).toEqual(events);
  },
);

test("a call that ends leaves its room, and says whether its service refused it", () => {
  const one = gated({});
  one.gate.leave();
  one.gate.leave(new Error("no"));
  one.gate.leave(Object.assign(new Error("busy"), { status: 429 }));
  one.gate.pause(70);
  expect(one.events).toEqual(["free", "ended", "free", "ended", "free", "refused", "pause 70"]);
});

const back = (divides: boolean, cameBack = false): GivingBack => {
  return { postponement: new Postponement(), divides, cameBack };
};

test("a chunk that would wait longer than two seconds for its first call is given back until then", async () => {
  const givingBack = back(false);
  const { gate, left } = gated({ until: 3001 }, givingBack);
  expect(await gate.admit(signal)).toBe(false);
  expect([left, gate.isPostponed, gate.returnsAt]).toEqual([[true], true, 3001 + AHEAD_MS]);
  expect(givingBack.postponement.at).toBe(3001 + AHEAD_MS);
  const patient = gated({ until: 3000 }, back(false));
  expect(await patient.gate.admit(signal)).toBe(true);
  expect(patient.gate.isPostponed).toBe(false);
  // Nothing is given back in a process of its own.
  expect(await gated({ until: 1e9 }).gate.admit(signal)).toBe(true);
});

test("no call begins in a chunk that another item has given back meanwhile", async () => {
  const lease = Promise.withResolvers<void>();
  const wait = { until: 0, lease: lease.promise };
  const one = gated(wait, back(false));
  const later = one.gate.admit(signal);
  await setImmediate();
  wait.until = 9000;
  const leaving = one.gate.admit(signal);
  lease.resolve();
  expect([await leaving, await later]).toEqual([false, false]);
  expect(one.events.filter((event) => event === "free")).toHaveLength(2);
});

test("a chunk that came back hardly waits for its first call, and for later ones as any other", async () => {
  const wait = { until: 1101 };
  const { gate } = gated(wait, back(true, true));
  expect([await gate.admit(signal), gate.isPostponed]).toEqual([false, true]);
  wait.until = 1100;
  const one = gated(wait, back(true, true)).gate;
  expect([await one.admit(signal), one.isPostponed]).toEqual([true, false]);
  wait.until = 3000;
  expect([await one.admit(signal), one.isPostponed]).toEqual([true, false]);
});

test("the rest of a chunk that turned out not to be divisible is not given back", async () => {
  const wait = { until: 0 };
  const { gate } = gated(wait, back(true));
  gate.holdTogether();
  expect(await gate.admit(signal)).toBe(true);
  wait.until = 9000;
  expect([await gate.admit(signal), gate.isPostponed]).toEqual([true, false]);
});

test.for([true, false])(
  "of a chunk that has begun the rest is given back, if it can be cut: %s",
  async (divides) => {
    const wait = { until: 0 };
    const one = gated(wait, back(divides));
    expect(await one.gate.admit(signal)).toBe(true);
    wait.until = 9000;
    expect([await one.gate.admit(signal), one.gate.isPostponed]).toEqual([!divides, divides]);
    wait.until = 1;
    // All others of its items go back with it.
    expect([await one.gate.admit(signal), one.gate.isPostponed]).toEqual([!divides, divides]);
  },
);

test("a batch has a gate if it has a limit, and one rate for all of its chunks", () => {
  const leases: string[] = [];
  const limitsOf = ({ batch }: BatchSpec): BatchLimits => LIMITS[batch] ?? { rateLimit: RATE };
  const limits = new RunnerLimits(
    {
      limitsOf,
      leasesOf: (spec) => {
        leases.push(spec === undefined ? "" : "asked");
        return { lease: async () => ({ retryAt: 0 }), pause: () => undefined } as never;
      },
      inFlightOf: () => null,
      leaseMs: 100,
      postpones: true,
    },
    { job: { options: { concurrency: 2 } } as Job, now: () => 0 },
  );
  const has = (batch: string): boolean => limits.gateFor({ batch } as BatchSpec, null) !== null;
  expect([has("none"), has("calls"), has("adapts")]).toEqual([false, true, true]);
  expect(leases).toEqual([]);
  expect([has("rate"), has("rate"), leases.length]).toEqual([true, true, 1]);
  for (let n = 0; n < 15; n++) has(`other ${n}`);
  has("rate");
  expect(leases).toHaveLength(16);
  // The oldest of more than sixteen is forgotten.
  has("one more");
  has("rate");
  expect(leases).toHaveLength(18);
  expect(limits.postpones).toBe(true);
});

const RATE = { perSecond: 1, burst: 1 } as NonNullable<BatchLimits["rateLimit"]>;
const LIMITS: { readonly [batch: string]: BatchLimits } = {
  none: {},
  calls: { inFlight: 3 },
  adapts: { adaptive: true },
};

test("an item that its gate does not admit runs elsewhere, later; one that it admits leaves it again", async () => {
  const left: unknown[] = [];
  const gate = (admits: boolean): ItemGate => ({
    admit: async () => admits,
    returnsAt: 77,
    leave: (thrown) => void left.push(thrown),
    pause: () => undefined,
  });
  const ran: unknown[] = [];
  const process = (item: unknown): unknown => {
    ran.push(item);
    return "value";
  };
  expect(await attempt(1, { process, context: { gate: gate(false), waitedMs: 5 } })).toEqual({
    ok: null,
    at: 77,
    waitedMs: 5,
  });
  expect([ran, left]).toEqual([[], []]);
  expect(await attempt(1, { process, context: { gate: gate(true) } })).toEqual({ ok: true, value: "value" });
  expect([ran, left]).toEqual([[1], [undefined]]);
  const aborted = AbortSignal.abort(new Error("the batch ends"));
  const outcome = await attempt(1, { process, context: { gate: gate(false), signal: aborted } });
  expect(outcome).toMatchObject({ ok: false });
  expect(ran).toEqual([1]);
});
