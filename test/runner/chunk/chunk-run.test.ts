/** One pass over a chunk: where it stops, how long it took, and what it leaves if it is cut or breaks off. */
import { expect, onTestFinished, test, vi } from "vitest";
import type { Job } from "../../../src/job/job.ts";
import type { InputPlace } from "../../../src/joins/place.ts";
import type { Cutting } from "../../../src/runner/chunk/cutting/cutting.ts";
import type { Machine } from "../../../src/runner/machine.ts";
import { countingJob, lineJob } from "../../steps/jobs.ts";
import type { Process } from "../../steps/jobs.ts";
import { chunkRuns } from "./chunk-runs.ts";

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const TEXT = upTo(400).map((n) => `${n % 10}\n`);
const LINES = { inputs: { a: TEXT.join("") }, chunk: { items: 400 } };

/** Due once so many items have begun. */
function cuttingAfter(items: number, begun: () => number, parts = 1): Cutting {
  return { isDue: () => begun() >= items, mayCut: () => true, partsFor: () => parts, isLate: () => false };
}

test.for<[string, (process: Process) => Job]>([
  ["a range", (process) => countingJob(400, process)],
  ["lines", (process) => lineJob(process)],
  ["lines that wait", (process) => lineJob(async (line, context) => process(line, context))],
])("nothing is open after a chunk of %s that was cut, and what is done counts", async ([name, jobOf]) => {
  let begun = 0;
  const job = jobOf((item) => (begun++, item));
  const input = name === "a range" ? { chunk: { items: 400 } } : LINES;
  const it = await chunkRuns({ job, ...input }, { cutting: cuttingAfter(10, () => begun, 2) });
  const { done, cuts } = await it.run();
  expect([done, begun, it.open()]).toEqual([[], 10, [0, 0]]);
  expect(cuts).toMatchObject([{ totals: { succeeded: 10 }, ranges: [{ done: true }, {}, {}] }]);
});

test("nothing is open after a chunk whose journal breaks", async () => {
  const breaks = (): never => {
    throw new Error("the journal is full");
  };
  const note = (item: unknown): void => void (item && breaks());
  const journal = { note, suspend: breaks, within: breaks };
  const it = await chunkRuns({ job: countingJob(9), chunk: { items: 9 } }, { journal });
  await expect(it.run(new Map([[0, { deaths: 1, quarantined: [] }]]))).rejects.toThrow("the journal is full");
  expect(it.open()).toEqual([0, 0]);
});

test("a chunk that is interrupted where its reader waits for more is cut behind what was read", async () => {
  let begun = 0;
  const job = lineJob((line: string) => {
    begun++;
    // It is noticed once what has been read is run: a few lines of many.
    it.is.interrupted = true;
    return line.length;
  });
  const lineBytes = 20_000;
  const inputs = { a: `${"x".repeat(lineBytes - 1)}\n`.repeat(200) };
  const cutting = cuttingAfter(Infinity, () => begun);
  const it = await chunkRuns({ job, inputs, chunk: { items: 200 }, blockBytes: 65_536 }, { cutting });
  const { cuts, done } = await it.run();
  expect(done).toEqual([]);
  expect(cuts).toMatchObject([{ totals: { succeeded: begun } }]);
  expect(cuts?.[0]?.ranges).toEqual([
    { start: 0, done: true },
    { start: begun * lineBytes, done: false },
  ]);
  expect(begun).toBeLessThan(64);
});

const always = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const limited = (yieldToEventLoop: () => Promise<void> | null): Partial<Machine> => {
  return { timeBudget: { endsAt: () => Infinity, isOver: () => false, yieldToEventLoop } };
};

test("where the time is limited, the event loop turns between items that never wait", async () => {
  let turns = 0;
  const seen: number[] = [];
  const job = countingJob(5, () => {
    seen.push(turns);
    setImmediate(() => turns++);
  });
  await (await chunkRuns({ job, chunk: { items: 5 } }, limited(always))).run();
  expect(seen).toEqual([0, 1, 2, 3, 4]);
  seen.length = 0;
  turns = 0;
  await (await chunkRuns({ job, chunk: { items: 5 } })).run();
  expect(seen).toEqual([0, 0, 0, 0, 0]);
});

test("a chunk is stopped before its next item where the time is limited, else after 64 at most", async () => {
  for (const [machine, most] of [[limited(() => null), 10] as const, [{}, 64] as const]) {
    let begun = 0;
    const job = countingJob(400, () => {
      if (++begun === 10) it.is.interrupted = true;
    });
    const it = await chunkRuns({ job, chunk: { items: 400 } }, machine);
    expect((await it.run()).done).toEqual([]);
    expect(begun).toBe(most);
  }
});

test("a join that asks for places gets them: the source of an item, and what tells it from others there", async () => {
  const places: [unknown, InputPlace][] = [];
  for (const placed of [true, false]) {
    const { join, ...job } = lineJob();
    const add: NonNullable<Job["join"]>["add"] = (acc, value, place) => (places.push([value, place]), acc);
    const it = await chunkRuns({
      job: { ...job, join: { ...join!, prepare: (value) => value, add, placed } },
      inputs: { a: "x\nyy\n", b: "z\n" },
    });
    await it.run();
  }
  expect(places).toEqual([
    ["x", { source: 0, key: 0 }],
    ["yy", { source: 0, key: 2 }],
    ["z", { source: 1, key: 0 }],
    ...["x", "yy", "z"].map((value) => [value, { source: 0, key: 0 }]),
  ]);
});

/** The chunks of a job in a time that only its items move. */
async function timed(items: number, concurrency: number, process: Process, meanwhile = always) {
  vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
  onTestFinished(() => {
    vi.useRealTimers();
    vi.resetModules();
  });
  vi.resetModules();
  const { chunkRuns: runs } = await import("./chunk-runs.ts");
  const { countingJob: jobOf } = await import("../../steps/jobs.ts");
  const it = await runs({ job: jobOf(items, process, { concurrency }), chunk: { items: 3 } });
  const [reply] = await Promise.all([it.run(), meanwhile()]);
  const times = reply.done.map(({ totals, tookMs }) => [totals.ms, tookMs]);
  return { times, latency: reply.latency };
}

test("a chunk that has its thread to itself takes as long as its items", async () => {
  const { times, latency } = await timed(6, 1, (n) => (vi.advanceTimersByTime(n), n));
  expect(times).toEqual([
    [3, undefined],
    [12, undefined],
  ]);
  expect(latency).toBeUndefined();
});

test("a chunk that shares its thread takes as long as its items have kept others from running", async () => {
  const { times } = await timed(6, 4, (n) => (vi.advanceTimersByTime(5 + n), n));
  expect(times).toEqual([
    [18, 18],
    [27, 27],
  ]);
});

test("awaited items take their share of the slots, their chunk its whole time, and each is in the latency", async () => {
  const gates = upTo(3).map(() => Promise.withResolvers<void>());
  const { times, latency } = await timed(
    3,
    4,
    (n) => (n === 1 ? n : gates[n]?.promise.then(() => n)),
    async () => {
      for (const [item, ms] of [
        [0, 40],
        [2, 8],
      ] as const) {
        await always();
        vi.advanceTimersByTime(ms);
        gates[item]?.resolve();
      }
    },
  );
  // Both wait at first, then one does; there are four slots.
  expect(times).toEqual([[(2 * 40 + 8) / 4, 48]]);
  expect(latency?.max).toBe(48);
  const counted = latency?.counts.filter((_, place) => place % 2 === 1);
  expect(counted?.reduce((sum, count) => sum + count)).toBe(2);
});
