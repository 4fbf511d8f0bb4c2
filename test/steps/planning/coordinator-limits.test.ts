import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ChunkMessage, PlanMessage } from "../../../src/core/records/message.ts";
import { from } from "../../../src/input/from.ts";
import { defineJob } from "../../../src/job/job.ts";
import { coordinator } from "../../../src/steps/coordinator.ts";
import { TimeBudget } from "../../../src/runner/time-budget.ts";
import { countingJob, inOrder, lineJob, upTo } from "../jobs.ts";
import { stage } from "../stage.ts";
import type { Stage } from "../stage.ts";

const SECOND = 1000;
const text = Array.from({ length: 600 }, (_, n) => `${n}\n`).join("");

/** Delivers plan messages to coordinators with `seconds` of time each. Returns how many it took. */
async function planWithin(one: Stage, seconds: number): Promise<number> {
  for (let invocations = 0; ; invocations++) {
    const [message] = one.queue.take("coordinator") as PlanMessage[];
    if (!message) return invocations;
    if (invocations > 100) throw new Error("it is planned for ever");
    const timeBudget = new TimeBudget(one.clock);
    timeBudget.begin(one.clock.now() + seconds * SECOND);
    await coordinator(one.ports, one.runner, message, { timeBudget, patienceMs: 0 });
  }
}

/** Makes each read of the input take this long. */
function slowReads(one: Stage, ms: number): void {
  const { store } = one.ports;
  Object.assign(one.ports, {
    store: {
      ...store,
      async *read(...given: Parameters<typeof store.read>) {
        for await (const block of store.read(...given)) {
          one.clock.advance(ms);
          yield block;
        }
      },
    },
  });
}

describe("a coordinator with little time", () => {
  test("leaves the rest to another one, which continues from the last entry", async () => {
    const one = await stage({
      job: lineJob(),
      inputs: { "x.txt": text },
      chunk: { items: 1 },
      blockBytes: 128,
    });
    slowReads(one, 300);
    await one.submit();
    expect(await planWithin(one, 4)).toBeGreaterThan(2);
    await one.pump();
    expect(one.batch()).toMatchObject({ state: "succeeded", chunks: 600 });
    expect(one.result()).toEqual({ order: upTo(600), all: 600 });
  });

  test("sends itself the entry that it has written", async () => {
    const one = await stage({
      job: lineJob(),
      inputs: { "x.txt": text },
      chunk: { items: 1 },
      blockBytes: 128,
    });
    slowReads(one, 1000);
    const timeBudget = new TimeBudget(one.clock);
    timeBudget.begin(one.clock.now() + 20 * SECOND);
    await one.submit();
    const [message] = one.queue.take("coordinator") as [PlanMessage];
    await coordinator(one.ports, one.runner, message, { timeBudget, patienceMs: 0 });
    const [next] = one.queue.take("coordinator") as [PlanMessage];
    expect(next.entry).toBe(Math.max(0, Math.ceil((one.queue.take("worker").length - 16) / 100)));
  });

  test("fails a batch that it makes no progress on, and says how much time it had", async () => {
    const packed = gzipSync(Array.from({ length: 20_000 }, (_, n) => `${n * 7919}\n`).join(""));
    const one = await stage({ job: lineJob(), inputs: { "x.txt.gz": packed }, blockBytes: 64 });
    slowReads(one, 1000);
    await one.submit();
    await planWithin(one, 60);
    await one.pump();
    expect(one.batch()).toMatchObject({
      state: "failed",
      error: {
        code: "INPUT_NOT_RESUMABLE",
        message: expect.stringMatching(/in the 51 s that one invocation/) as string,
      },
    });
  });

  test("sends what others have planned, if it has no time for more", async () => {
    const one = await stage({ job: countingJob(600), chunk: { items: 1 } });
    await one.submit();
    await one.step("coordinator");
    const end = [...one.ledger.records.keys()].filter((key) => key.startsWith("plan/")).at(-1) ?? "";
    one.ledger.records.delete(end);
    await one.submit();
    const timeBudget = new TimeBudget(one.clock);
    timeBudget.begin(one.clock.now());
    const [message] = one.queue.take("coordinator") as [PlanMessage];
    await coordinator(one.ports, one.runner, message, { timeBudget, patienceMs: 0 });
    // Entries of 16, five times 100, and 84 chunks.
    expect(one.queue.take("coordinator")).toEqual([{ ...message, entry: 6 }]);
  });

  test("interrupts a generator that is too slow", async () => {
    const input = from(async function* () {
      yield 1;
      await new Promise(() => {});
    });
    const job = defineJob({ name: "slow", input, process: (n: number) => n, join: { order: inOrder } });
    const one = await stage({ job });
    await one.submit();
    const timeBudget = new TimeBudget(one.clock);
    timeBudget.begin(one.clock.now() + 60 * SECOND);
    const [message] = one.queue.take("coordinator") as [PlanMessage];
    // The runner's answer when it is interrupted.
    const runner = { plan: () => Promise.resolve(null) };
    await coordinator(one.ports, runner, message, { timeBudget, patienceMs: 0 });
    expect(one.batch()).toMatchObject({ ending: "input", error: { code: "INPUT_NOT_RESUMABLE" } });
  });
});

describe("a coordinator without back-pressure", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  async function begin(one: Stage, patienceMs: number): Promise<Promise<void>> {
    await one.submit();
    const timeBudget = new TimeBudget(one.clock);
    timeBudget.begin(one.clock.now() + 600 * SECOND);
    const [message] = one.queue.take("coordinator") as [PlanMessage];
    return Promise.resolve(coordinator(one.ports, one.runner, message, { timeBudget, patienceMs }));
  }

  test("plans most of a large input only after a first chunk has settled, and learns from it", async () => {
    const one = await stage({ job: countingJob(1_000_000) });
    const planning = begin(one, 5000);
    await vi.advanceTimersByTimeAsync(1000);
    const first = one.queue.take("worker") as ChunkMessage[];
    expect(first).toHaveLength(28);
    await one.deliver("worker", first.slice(0, 1));
    await vi.advanceTimersByTimeAsync(200);
    await planning;
    await vi.advanceTimersByTimeAsync(0);
    const later = one.queue.take("worker") as ChunkMessage[];
    const largest = (chunks: readonly ChunkMessage[]): number =>
      Math.max(...chunks.map(({ start, end }) => end - start));
    // How many items take a second is measured, and this machine may be busy.
    expect(largest(later)).toBeGreaterThan(largest(first));
  });

  test("does not wait for ever", async () => {
    const one = await stage({ job: countingJob(100_000) });
    const planning = begin(one, 5000).then((done) => done);
    await vi.advanceTimersByTimeAsync(4999);
    expect(one.queue.waiting("worker")).toBe(28);
    await vi.advanceTimersByTimeAsync(201);
    await planning;
    expect(one.queue.waiting("worker")).toBeGreaterThan(28);
  });

  test.each([
    ["is small", 100, undefined],
    ["has chunks of a size that was given", 100_000, { items: 500 }],
  ] as const)("does not wait where the input %s", async (_, items, chunk) => {
    const one = await stage({ job: countingJob(items), ...(chunk ? { chunk } : {}) });
    await begin(one, 5000).then((done) => done);
    expect([...one.ledger.records.values()].some((fields) => fields["end"] !== undefined)).toBe(true);
  });
});
