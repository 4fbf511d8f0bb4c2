import { expect, onTestFinished, test, vi } from "vitest";
import type { ChunkMessage } from "../../src/core/records/message.ts";
import type { BatchSpec } from "../../src/batch/spec.ts";
import type { Job, SetupContext } from "../../src/job/job.ts";
import { createRunner } from "../../src/runner/create-runner.ts";
import type { JobRunner } from "../../src/runner/create-runner.ts";
import type { Machine } from "../../src/runner/machine.ts";
import { TEARDOWN_MS } from "../../src/runner/own.ts";
import { OWN, SETTING_UP, SET_UP, newHeartbeat } from "../../src/runner/poison/heartbeat.ts";
import { memoryStore } from "../../src/testing/memory/store.ts";
import { countingJob } from "../steps/jobs.ts";
import { integers } from "../functions/stack/inputs.ts";

const SPEC: BatchSpec = {
  batch: "01A",
  job: "counting",
  input: integers(100),
  params: null,
  chunk: { items: null, bytes: null },
  tolerate: { count: null, percent: null },
  createdAt: 0,
  deadlineAt: Number.MAX_SAFE_INTEGER,
  jobFile: null,
};
const CHUNK: ChunkMessage = {
  kind: "chunk",
  batch: "01A",
  generation: 0,
  attempt: 1,
  chunk: 0,
  source: 0,
  start: 0,
  end: 2,
};

interface Stand extends JobRunner {
  /** Runs one chunk; resolves with the `ctx.own` of its two items, or with nothing if it was interrupted. */
  run(): Promise<unknown[]>;
  readonly log: string[];
  readonly heartbeat: Int32Array;
}

function stand(hooks: Partial<Job>, machine: Partial<Machine> = {}, create = createRunner): Stand {
  const seen: unknown[] = [];
  const job = { ...countingJob(100, (n, { own }) => (seen.push(own), n)), ...hooks };
  const log: string[] = [];
  const say = (message: string): void => void log.push(message);
  const heartbeat = newHeartbeat();
  const runner = create({
    job,
    store: memoryStore(64),
    log: { debug: say, info: say, warn: say, error: say },
    signal: () => new AbortController().signal,
    interrupted: () => false,
    now: () => 0,
    random: () => 0,
    heartbeat,
    ...machine,
  });
  const run = async (): Promise<unknown[]> => {
    await runner.chunks({ spec: SPEC, chunks: [CHUNK], careful: null });
    return seen.splice(0);
  };
  return { ...runner, run, log, heartbeat };
}

async function abortWhenSettingUp({ heartbeat }: Stand, controller: AbortController): Promise<void> {
  await vi.waitFor(() => expect(heartbeat[OWN]).toBe(SETTING_UP));
  controller.abort();
}

const failed = (message: RegExp): unknown =>
  expect.objectContaining({ code: "SETUP_FAILED", message: expect.stringMatching(message) as string });

test("setup runs once, before the first item, and each item gets what it returned", async () => {
  const setup = vi.fn<NonNullable<Job["setup"]>>(async ({ job }) => ({ pool: job }));
  const one = stand({ setup });
  const [first, second] = await Promise.all([one.run(), one.run()]);
  expect([...first, ...second, ...(await one.run())]).toEqual(
    Array.from({ length: 6 }, () => ({ pool: "counting" })),
  );
  expect(setup).toHaveBeenCalledTimes(1);
});

test("a job without setup has no own, and nothing to tear down", async () => {
  const one = stand({});
  expect(await one.run()).toEqual([undefined, undefined]);
  await one.teardown();
  expect(one.heartbeat[OWN]).toBe(0);
});

test("setup that throws is called again by the next attempt, and says how often it has failed", async () => {
  let calls = 0;
  const setup = (): string => {
    if (++calls < 3) throw new RangeError(`no ${calls}`);
    return "pool";
  };
  const one = stand({ setup });
  await expect(one.run()).rejects.toEqual(failed(/^setup of the job counting threw: RangeError: no 1/));
  expect(one.heartbeat[OWN]).toBe(0);
  await expect(one.run()).rejects.toMatchObject({ failures: 2 });
  expect(await one.run()).toEqual(["pool", "pool"]);
  expect(one.heartbeat[OWN]).toBe(SET_UP);
});

test("setup that takes too long fails, its signal fires, and what comes late is torn down", async () => {
  const late = Promise.withResolvers<string>();
  const torn = Promise.withResolvers<unknown>();
  let signal: AbortSignal | null = null;
  const setup = (context: SetupContext): Promise<string> => {
    ({ signal } = context);
    return late.promise;
  };
  const one = stand({ setup, teardown: torn.resolve }, { setupTimeoutMs: 20 });
  await expect(one.run()).rejects.toEqual(failed(/^setup of the job counting did not finish within 0 s$/));
  expect(signal).toMatchObject({ aborted: true });
  late.resolve("late pool");
  expect(await torn.promise).toBe("late pool");
});

test("an interrupted request leaves a running setup to the next one", async () => {
  let controller = new AbortController();
  const made = Promise.withResolvers<string>();
  const setup = vi.fn<() => Promise<string>>(() => made.promise);
  const one = stand({ setup }, { signal: () => controller.signal });
  const interrupted = one.run();
  await abortWhenSettingUp(one, controller);
  expect(await interrupted).toEqual([]);
  controller = new AbortController();
  const next = one.run();
  made.resolve("pool");
  expect(await next).toEqual(["pool", "pool"]);
  expect(setup).toHaveBeenCalledTimes(1);
});

test("setup that gives up when it is interrupted has not failed", async () => {
  const controller = new AbortController();
  const setup = ({ signal }: SetupContext): Promise<never> =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("given up"))));
  const one = stand({ setup }, { signal: () => controller.signal });
  const interrupted = one.run();
  await abortWhenSettingUp(one, controller);
  expect(await interrupted).toEqual([]);
});

test("setup that is cut off by the end of its invocation has failed", async () => {
  const controller = new AbortController();
  const timeBudget = {
    endsAt: () => 0,
    isOver: () => controller.signal.aborted,
    yieldToEventLoop: () => null,
  };
  const one = stand({ setup: () => new Promise(() => {}) }, { signal: () => controller.signal, timeBudget });
  const cut = one.run();
  await abortWhenSettingUp(one, controller);
  await expect(cut).rejects.toEqual(failed(/was cut off when the time of its function was up/));
});

test("teardown gets what setup returned, once", async () => {
  const teardown = vi.fn<(own: unknown) => void>();
  const one = stand({ setup: () => "pool", teardown });
  await one.teardown();
  expect(teardown).not.toHaveBeenCalled();
  await one.run();
  await Promise.all([one.teardown(), one.teardown()]);
  expect(teardown.mock.calls).toEqual([["pool"]]);
  expect(await one.run(), "a runner may be used again").toEqual(["pool", "pool"]);
});

test("teardown that throws is logged", async () => {
  const teardown = (): never => {
    throw new Error("still in use");
  };
  const one = stand({ setup: () => "pool", teardown });
  await one.run();
  await one.teardown();
  expect(one.log).toEqual([expect.stringMatching(/^teardown of the job counting failed: still in use/)]);
});

test("teardown that never ends is given up", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "performance"] });
  onTestFinished(() => {
    vi.useRealTimers();
    // Nobody after this test has the runner that has captured its timers.
    vi.resetModules();
  });
  vi.resetModules();
  const { createRunner: create } = await import("../../src/runner/create-runner.ts");
  const one = stand({ setup: () => 1, teardown: () => new Promise(() => {}) }, {}, create);
  await one.run();
  const ended = one.teardown();
  await vi.advanceTimersByTimeAsync(TEARDOWN_MS + 1);
  await ended;
  expect(one.log).toEqual([
    expect.stringMatching(/^teardown of the job counting failed: it did not finish within 5 s/),
  ]);
});

test("a merge does without setup", async () => {
  const setup = vi.fn<() => void>();
  const one = stand({ setup });
  const merge = { batch: "01A", index: 0, tag: "t", root: true, first: 0, children: [], bodies: [] };
  await one.merge(merge);
  expect(setup).not.toHaveBeenCalled();
});
