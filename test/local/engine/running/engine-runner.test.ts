/** Where an engine runs what a batch asks for: in threads of its job, in a child, or not at all. */
import { expect, test } from "vitest";
import type { BatchSpec } from "../../../../src/batch/spec.ts";
import type { Cut } from "../../../../src/core/records/plan.ts";
import { engineRunner } from "../../../../src/local/engine/running/engine-runner.ts";
import type { JobThreads } from "../../../../src/local/engine/running/job-threads.ts";
import type { ChunksRequest, MergeRequest, PlanRequest } from "../../../../src/runner/runner.ts";
import { memoryLedger } from "../../../../src/testing/memory/ledger.ts";

const SPEC = { batch: "01A", jobFile: "job.ts" } as unknown as BatchSpec;
const PLAN: PlanRequest = { spec: SPEC, last: null, next: { count: 1, bytes: 1, items: 1 } };

function running(isWanted: boolean, cuts: readonly (Cut | null)[] = []) {
  const events: string[] = [];
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
      chunks: does("threads", done),
      merge: does("merge", { body: null, files: null, error: null }),
    }),
    childOf: () => ({ chunks: does("child", done) }),
  } as unknown as JobThreads;
  const runner = engineRunner({
    threads: () => threads,
    ledger: () => memoryLedger(),
    isWanted: () => isWanted,
    specOf: () => SPEC,
    chaos: () => undefined,
    recorderOf: () => undefined,
  });
  return { runner, events };
}

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
  const merge: MergeRequest = {
    batch: "01A",
    index: 0,
    tag: "t",
    root: true,
    first: 0,
    children: [],
    bodies: [],
  };
  expect(await runner.merge(merge)).toEqual({ body: null, files: null, error: null });
  expect(events).toEqual(["merge"]);
});
