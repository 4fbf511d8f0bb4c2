/** Where an engine runs what a batch asks for: in threads of its job, in a child, or not at all. */
import { expect, test } from "vitest";
import type { BatchSpec } from "../../../../src/batch/spec.ts";
import type { Cut } from "../../../../src/core/records/plan.ts";
import { engineRunner } from "../../../../src/local/engine/running/engine-runner.ts";
import type { JobThreads } from "../../../../src/local/engine/running/job-threads.ts";
import type {
  ChunksEvents,
  ChunksRequest,
  MergeRequest,
  PlanRequest,
} from "../../../../src/runner/runner.ts";
import { FAN_IN } from "../../../../src/core/records/tree.ts";
import { Chaos } from "../../../../src/local/engine/running/chaos.ts";
import { chunk, recording, timelineOf, totals } from "../history/recording.ts";
import { memoryLedger } from "../../../../src/testing/memory/ledger.ts";

const SPEC = { batch: "01A", jobFile: "job.ts" } as unknown as BatchSpec;
const PLAN: PlanRequest = { spec: SPEC, last: null, next: { count: 1, bytes: 1, items: 1 } };

const MERGED = { body: null, files: null, error: null };

interface More {
  /** The reply of the threads. */
  readonly reply?: object;
  readonly chaos?: Chaos;
}

function running(isWanted: boolean, cuts: readonly (Cut | null)[] = [], { reply, chaos }: More = {}) {
  const events: string[] = [];
  /** What the threads were asked for. */
  const asked: object[] = [];
  const recorder = recording({ start: 0 });
  const left = [...cuts];
  const does = <T>(event: string, answer: T) => {
    return async (): Promise<T> => (events.push(event), answer);
  };
  const done = { body: null, done: [] };
  const threads = {
    plannerOf: () => ({
      plan: async () => (events.push("plan"), left.shift() ?? null),
    }),
    dismissPlanner: does("dismiss", undefined),
    of: () => ({
      chunks: async (request: object, { onThread }: ChunksEvents) => {
        events.push("threads");
        asked.push(request);
        onThread?.(3);
        return reply ?? done;
      },
      merge: async (_: MergeRequest, { onThread }: ChunksEvents) => {
        events.push("merge");
        onThread?.(4);
        return MERGED;
      },
      killBusy: () => true,
    }),
    childOf: () => ({ chunks: does("child", done) }),
  } as unknown as JobThreads;
  const runner = engineRunner({
    threads: () => threads,
    ledger: () => memoryLedger(),
    isWanted: () => isWanted,
    specOf: () => SPEC,
    chaos: () => chaos,
    recorderOf: (batch) => (batch === "01A" ? recorder : undefined),
  });
  return { runner, events, asked, recorder };
}

const MERGE: MergeRequest = {
  batch: "01A",
  index: 2,
  tag: "t",
  root: true,
  first: 0,
  children: [],
  bodies: [],
};

const range = { source: 0, start: 0, end: 4 };

test("the planner of a batch stays for its next entry, and ends with the plan", async () => {
  const { runner, events } = running(true, [{ ranges: [range] }, { ranges: [] }]);
  expect(await runner.plan(PLAN)).toEqual({ ranges: [range] });
  expect(events).toEqual(["plan"]);
  expect(await runner.plan(PLAN)).toEqual({ ranges: [] });
  expect(events).toEqual(["plan", "plan", "dismiss"]);
});

test("planning that is interrupted, or not wanted any more, stops, and is no end of the plan", async () => {
  const interrupted = running(true, [null]);
  await expect(interrupted.runner.plan(PLAN)).rejects.toMatchObject({ name: "Stopped" });
  expect(interrupted.events).toEqual(["plan"]);
  const unwanted = running(false, [{ ranges: [range] }]);
  await expect(unwanted.runner.plan(PLAN)).rejects.toMatchObject({ name: "Stopped" });
  expect(unwanted.events).toEqual([]);
});

/** A request with care for its chunks, in whose attempts so many processes died. */
function chunks(...deaths: readonly number[]): ChunksRequest {
  const careful = new Map(deaths.map((count, chunk) => [chunk, { deaths: count, quarantined: [] }]));
  return { spec: SPEC, chunks: [], careful: careful.size > 0 ? careful : null };
}

test("chunks that have ended two processes run in a child, all others in the threads of their job", async () => {
  for (const [request, place] of [
    [chunks(), "threads"],
    [chunks(1), "threads"],
    [chunks(0, 2), "child"],
  ] as const) {
    const { runner, events } = running(true);
    expect(await runner.chunks(request)).toMatchObject({ done: [] });
    expect(events).toEqual([place]);
  }
});

test("chunks of a batch that is to end do not run, and its merges do", async () => {
  const { runner, events } = running(false);
  expect(await runner.chunks(chunks(0, 2))).toEqual({ body: null, done: [] });
  expect(events).toEqual([]);
  expect(await runner.merge(MERGE)).toEqual(MERGED);
  expect(events).toEqual(["merge"]);
});

test("chunks and merges are recorded in the lanes of their threads, chunks of a child in none", async () => {
  const { runner, recorder } = running(true, [], {
    reply: { body: null, done: [{ child: 0, totals: totals() }] },
  });
  await runner.chunks({ ...chunks(), chunks: [chunk(0)] });
  const before = Date.now();
  await runner.merge(MERGE);
  const { lanes, marks } = timelineOf(recorder, Date.now());
  expect(marks.map(([lane, , , kind, number]) => [lanes[lane], kind, number])).toEqual([
    ["thread 3", "succeeded", 0],
    ["thread 4", "merge", 2],
  ]);
  const [, [, from, to] = []] = marks;
  expect([Number(from) >= before, Number(to) <= Date.now()]).toEqual([true, true]);
  await runner.chunks({ ...chunks(0, 2), chunks: [chunk(1)] });
  expect(timelineOf(recorder, Date.now()).lanes).toEqual(lanes);
});

test("a whole leaf is merged by the thread that ran it, under a tag of its own, and asked for no more", async () => {
  const body = { text: "{}" };
  const leaf = Array.from({ length: FAN_IN }, (_, number) => chunk(FAN_IN + number));
  const done = leaf.map(({ chunk: child }) => ({ child, totals: totals() }));
  const merging = Promise.resolve({ reply: { ...MERGED, body }, thread: 7, from: 10, to: 30 });
  const { runner, asked, events, recorder } = running(true, [], { reply: { body, done, merging } });
  await runner.chunks({ ...chunks(), chunks: leaf });
  expect(asked).toMatchObject([{ leaf: { index: 1, root: false, tag: expect.stringMatching(/^\w{7}$/) } }]);
  const merge = { ...MERGE, index: 1, root: false, children: leaf.map(() => 0), bodies: [body] };
  expect(await runner.merge(merge)).toEqual({ ...MERGED, body });
  expect(events).toEqual(["threads"]);
  const { lanes, marks } = timelineOf(recorder, Date.now());
  expect(marks.at(-1)).toEqual([lanes.indexOf("thread 7"), 10, 30, "merge", 1, 0, 0, 1, 0]);
  // A bundle that is no leaf has no such merge.
  await runner.chunks({ ...chunks(), chunks: leaf.slice(1) });
  expect(asked[1]).not.toHaveProperty("leaf");
  expect(await runner.merge(merge)).toEqual(MERGED);
});

test("chunks and merges are disturbed where that is asked for, and the last reply counts", async () => {
  const ofChunks = running(true, [], { chaos: new Chaos(4) });
  expect(await ofChunks.runner.chunks(chunks())).toMatchObject({ done: [] });
  const ofMerges = running(true, [], { chaos: new Chaos(4) });
  expect(await ofMerges.runner.merge(MERGE)).toEqual(MERGED);
  expect([ofChunks.events, ofMerges.events]).toEqual([
    ["threads", "threads"],
    ["merge", "merge"],
  ]);
});
